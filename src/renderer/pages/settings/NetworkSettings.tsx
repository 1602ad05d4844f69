import { Button, Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { CertificateInfo, NetworkTest } from '../../../shared/network.ts';
import { calls, toAppError } from '../../bridge.ts';
import { Ago } from '../../components/Ago.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { fieldError } from '../../components/FieldError.tsx';
import { NotReady } from '../../components/NotReady.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { useSession } from '../../stores/session.ts';
import { formatDuration, formatExact, formatThings } from '../../text/format.ts';
import { safeText } from '../../text/safe-text.ts';
import classes from './SettingsPage.module.css';

export function NetworkSettings() {
  return (
    <div className={classes.section}>
      <p className={classes.dim}>
        Patchbay goes through the proxy that this system names for an address, also when that is decided by a script. It
        is set in the system’s network settings, for all programs. A proxy that asks for a user name and password is not
        supported.
      </p>
      <Certificates />
      <TryOut />
    </div>
  );
}

function Certificates() {
  const listed = useAnswer('certificates', async () => (await calls.network.get({})).certificates);
  const [newest, setCertificates] = useState<readonly CertificateInfo[] | null>(null);
  const certificates = newest ?? listed.value;
  const [problem, setProblem] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const [isBusy, setBusy] = useState(false);
  const run = async (work: () => Promise<void>): Promise<void> => {
    setProblem(null);
    setSaid('');
    setBusy(true);
    try {
      await work();
    } catch (error) {
      setProblem(toAppError(error).message);
    } finally {
      setBusy(false);
    }
  };
  const add = async (): Promise<void> => {
    const answer = await calls.network.addCertificates({});
    setCertificates(answer.certificates);
    if (answer.status !== 'added') return;
    const added =
      answer.added === 0 ? 'Already added' : `Added ${formatThings(answer.added, 'authority', 'authorities')}`;
    setSaid(answer.refused.length === 0 ? added : `${added}. Not added: ${answer.refused.join(' ')}`);
  };
  const remove = async (id: string): Promise<void> => {
    const answer = await calls.network.removeCertificate({ id });
    setCertificates(answer.certificates);
    setSaid('Removed');
  };
  return (
    <section className={classes.block} aria-labelledby="own-authorities">
      <div>
        <h2 id="own-authorities" className={classes.heading}>
          Certificate authorities of your company
        </h2>
        <p className={classes.dim}>
          Trusted besides the public ones, by connections, jobs and the log-in window. Needed where a company proxy
          inspects traffic or a system of your own is signed by your own authority.
        </p>
      </div>
      {certificates === null && (
        <NotReady error={listed.error} sentence="Reading the authorities…" onRetry={listed.retry} />
      )}
      {certificates !== null && certificates.length > 0 && (
        <ul className={classes.lines}>
          {certificates.map((one) => (
            <li key={one.id} className={classes.line}>
              <div className={classes.lineWords}>
                <div className={classes.lineTitle}>
                  <SafeText text={one.subject} />
                </div>
                <div className={classes.dim}>
                  {one.issuer === one.subject ? 'Signed by itself' : `Issued by ${safeText(one.issuer)}`};{' '}
                  {one.isExpired ? (
                    <span className={classes.bad}>expired {formatExact(one.validTo)}</span>
                  ) : (
                    `valid until ${formatExact(one.validTo)}`
                  )}
                  ; added <Ago at={one.addedAt} />
                </div>
                <div className={classes.dim}>
                  SHA-256 <code>{one.id.slice(0, 32)}…</code>
                </div>
              </div>
              <Button
                size="xs"
                variant="default"
                aria-label={`Remove ${safeText(one.subject)}`}
                disabled={isBusy}
                onClick={() => void run(() => remove(one.id))}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      {problem && <ErrorNote message={problem} />}
      <div className={classes.buttons}>
        <Button variant="default" disabled={isBusy} onClick={() => void run(add)}>
          Add from a PEM file
        </Button>
        <span role="status" className={classes.dim}>
          {said}
        </span>
      </div>
    </section>
  );
}

function TryOut() {
  const domain = useSession((state) => (state.tenant?.kind === 'real' ? state.tenant.domain : ''));
  const [url, setUrl] = useState(domain);
  const [allowPrivateNetwork, setAllowPrivate] = useState(false);
  const [result, setResult] = useState<NetworkTest | null>(null);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const test = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    setResult(null);
    if (url.trim() === '') return setProblem('Enter an address.');
    setBusy(true);
    try {
      setResult(await calls.network.test({ url: url.trim(), allowPrivateNetwork }));
    } catch (error) {
      setProblem(toAppError(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={classes.block} aria-labelledby="try-out" onSubmit={(event) => void test(event)} noValidate>
      <div>
        <h2 id="try-out" className={classes.heading}>
          Test an address
        </h2>
        <p className={classes.dim}>Goes the way a connection would: proxy, certificate, first answer.</p>
      </div>
      <div className={classes.tryOut}>
        <TextInput
          label="Address"
          placeholder="acme.my.salesforce.com"
          value={url}
          error={fieldError(problem)}
          onChange={(event) => setUrl(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <Button type="submit" variant="default" loading={isBusy}>
          Test
        </Button>
      </div>
      <Checkbox
        label="It is in our own network"
        checked={allowPrivateNetwork}
        onChange={(event) => setAllowPrivate(event.currentTarget.checked)}
      />
      <div role="status">{result && <TestResult result={result} />}</div>
    </form>
  );
}

function TestResult({ result }: { result: NetworkTest }) {
  return (
    <div className={classes.result}>
      <p>
        <span className={result.passed ? classes.good : classes.bad}>{result.passed ? 'Reached' : 'Not reached'}</span>{' '}
        {result.proxy === null ? 'directly, without a proxy' : `through the proxy ${safeText(result.proxy, 200)}`}, in{' '}
        {formatDuration(result.durationMs)}
      </p>
      <p>{safeText(result.seen, 600)}</p>
      {result.advice !== '' && <p>{result.advice}</p>}
    </div>
  );
}
