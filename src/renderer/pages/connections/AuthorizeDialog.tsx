import { Button, Radio } from '@mantine/core';
import { useEffect, useState } from 'react';
import { REASON_TEXTS } from '../../../shared/connection/reason-texts.ts';
import type { AuthMethodDescriptor, FieldDescriptor } from '../../../shared/connector.ts';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import type { ListedRow } from '../../../shared/ipc/list-contract.ts';
import { calls, toAppError } from '../../bridge.ts';
import { AppDialog } from '../../components/AppDialog.tsx';
import { ErrorNote, Note } from '../../components/ErrorNote.tsx';
import { Reveal } from '../../components/Reveal.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import type { DialogProps } from '../../dialogs/DialogHost.tsx';
import { revealConnection, useConnections } from '../../stores/connections.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { useSession } from '../../stores/session.ts';
import { cleanKey, safeText } from '../../text/safe-text.ts';
import { AuthorizationCard } from './AuthorizationCard.tsx';
import { AuthorizationPanel } from './AuthorizationPanel.tsx';
import classes from './AuthorizeDialog.module.css';
import { FieldControl } from './ConnectionFields.tsx';
import { isSecret } from './form.ts';
import { RevokedNote } from './RevokedNote.tsx';
import { methodOf } from './row-text.ts';
import type { SecretInfo } from './secret-info.ts';
import { type AuthorizationWay, useAuthorization } from './use-authorization.ts';
import { useOfflineReason } from './use-offline-reason.ts';

/** Authorize and Re-Authorize: who is authorized now, why it is asked, how to log in, and what came of it. */
export function AuthorizeDialog({ dialog, isTop, onClose }: DialogProps<'authorizeConnection'>) {
  const row = useConnections((state) => state.rows.get(dialog.id));
  const connector = useSession((state) => state.connectorById.get(row?.connection.connectorId ?? ''));
  const method = row && methodOf(connector, row.connection);
  if (!row || !method) {
    return (
      <AppDialog title="Authorize Connection" isTop={isTop} onClose={onClose}>
        <ErrorNote message="This connection is not there any more." />
      </AppDialog>
    );
  }
  return (
    <Body
      row={row}
      method={method}
      fields={[...(connector?.fields ?? []), ...method.fields]}
      isTop={isTop}
      onClose={onClose}
    />
  );
}

const CARD_TITLES = {
  draft: 'Authorized now',
  active: 'Authorized now',
  disconnected: 'Authorized until now',
  revoked: 'Authorized before',
} as const;

interface BodyProps {
  readonly row: ListedRow;
  readonly method: AuthMethodDescriptor;
  readonly fields: readonly FieldDescriptor[];
  readonly isTop: boolean;
  readonly onClose: () => void;
}

function useSecretInfos(id: ListedRow['connection']['id'], isWanted: boolean): readonly SecretInfo[] {
  const [secrets, setSecrets] = useState<CallOutput<'connections.get'>['secrets']>([]);
  useEffect(() => {
    // Only for what the empty controls say; the log-in works without it, and reports its own errors.
    if (isWanted) calls.connections.get({ id }).then((answer) => setSecrets(answer.secrets), toAppError);
  }, [id, isWanted]);
  return secrets;
}

function Body({ row, method, fields, isTop, onClose }: BodyProps) {
  const { connection } = row;
  const isFirst = connection.state.kind === 'draft';
  const title = isFirst ? 'Authorize Connection' : 'Re-Authorize Connection';
  const preference = useSession((state) => state.settings.authorizationWay);
  const [way, setWay] = useState<AuthorizationWay>(
    preference === 'connector' ? (method.defaultWay ?? 'window') : preference,
  );
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const secretFields = method.interactive ? [] : fields.filter(isSecret);
  const infos = useSecretInfos(connection.id, !method.interactive);
  const { progress, start, cancel, restart, refuse } = useAuthorization();
  const offline = useOfflineReason();
  const isRunning = progress.kind === 'running';

  const end = (isAuthorized: boolean): void => {
    if (!isAuthorized) return;
    onClose();
    revealConnection(connection.id);
  };
  const begin = async (chosen: AuthorizationWay): Promise<void> => {
    const typed = Object.fromEntries(
      Object.entries(secrets).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, cleanKey(text)]])),
    );
    end((await start({ id: connection.id, way: method.interactive ? chosen : undefined, secrets: typed })) !== null);
  };

  return (
    <AppDialog
      title={title}
      isTop={isTop}
      onClose={onClose}
      size={560}
      footer={
        <>
          <Button variant="default" onClick={isRunning ? () => void cancel() : onClose}>
            {isRunning ? 'Cancel the log-in' : 'Cancel'}
          </Button>
          <Button
            loading={isRunning}
            disabled={progress.kind === 'confirm' || offline !== null}
            onClick={() => void begin(way)}
            data-autofocus
          >
            {isFirst ? 'Authorize' : 'Re-Authorize'}
          </Button>
        </>
      }
    >
      <div className={classes.body}>
        <p className={classes.what}>
          <SafeText className={classes.name} text={connection.name} /> · {row.connectorName} ·{' '}
          <SafeText text={row.place} />
        </p>
        <Why row={row} />
        {offline !== null && <Note kind="warning">{offline}</Note>}
        {connection.authorization && (
          <AuthorizationCard title={CARD_TITLES[connection.state.kind]} authorization={connection.authorization} />
        )}
        {!isFirst && (
          <p className={classes.promise}>
            Jobs, mappings and history stay. Nothing changes until the new authorization has been accepted.
          </p>
        )}
        {secretFields.map((field) => (
          <FieldControl
            key={field.name}
            id={`authorize-${field.name}`}
            field={{ ...field, required: false }}
            value={undefined}
            secret={secrets[field.name] ?? ''}
            secretInfo={infos.find((info) => info.name === field.name)}
            error={undefined}
            onValue={() => undefined}
            onSecret={(text) => setSecrets((before) => ({ ...before, [field.name]: text }))}
          />
        ))}
        {method.interactive && !isRunning && progress.kind !== 'confirm' && (
          <WayChoice method={method} way={way} onChange={setWay} />
        )}
        {progress.kind !== 'idle' && (
          <Reveal on={progress.kind}>
            <AuthorizationPanel
              progress={progress}
              onOtherWay={
                method.interactive
                  ? (other) => void restart({ id: connection.id, way: other }).then((granted) => end(granted !== null))
                  : undefined
              }
              onConfirm={(confirmFlowId) =>
                void start({ id: connection.id, confirmFlowId }).then((granted) => end(granted !== null))
              }
              onRefuse={() => void refuse(connection.id)}
            />
          </Reveal>
        )}
        {progress.kind === 'failed' && <Remedy code={progress.error.code} id={connection.id} onClose={onClose} />}
      </div>
    </AppDialog>
  );
}

function Why({ row }: { row: ListedRow }) {
  const { state } = row.connection;
  if (state.kind === 'revoked') return <RevokedNote id={row.connection.id} state={state} />;
  if (state.kind !== 'disconnected') return null;
  const { what, advice } = REASON_TEXTS[state.reason];
  return (
    <Note kind="warning">
      <strong>{what}.</strong> {advice}
      {state.detail && <div className={classes.detail}>{safeText(state.detail, 600)}</div>}
    </Note>
  );
}

function WayChoice({
  method,
  way,
  onChange,
}: {
  method: AuthMethodDescriptor;
  way: AuthorizationWay;
  onChange: (way: AuthorizationWay) => void;
}) {
  return (
    <Radio.Group
      label="Log in through"
      description={method.wayReason}
      value={way}
      onChange={(value) => onChange(value === 'browser' ? 'browser' : 'window')}
    >
      <div className={classes.ways}>
        <Radio value="window" label="A window of Patchbay" />
        <Radio value="browser" label="The system browser" />
      </div>
    </Radio.Group>
  );
}

function Remedy({ code, id, onClose }: { code: string; id: ListedRow['connection']['id']; onClose: () => void }) {
  if (code === 'vault_locked' || code === 'vault_unavailable') {
    const isLocked = code === 'vault_locked';
    return (
      <Button
        variant="default"
        size="xs"
        onClick={() => openDialog({ kind: isLocked ? 'unlockVault' : 'protectVault' })}
      >
        {isLocked ? 'Unlock vault' : 'Set a passphrase'}
      </Button>
    );
  }
  const edit = (): void => {
    onClose();
    openDialog({ kind: 'editConnection', id });
  };
  return (
    <Button variant="subtle" size="compact-sm" onClick={edit}>
      Edit the connection
    </Button>
  );
}
