import { Button } from '@mantine/core';
import type { AuthMethodDescriptor, ConnectorDescriptor } from '../../../shared/connector.ts';
import type { OAuthApp } from '../../../shared/ipc/contract.ts';
import { calls } from '../../bridge.ts';
import { Ago } from '../../components/Ago.tsx';
import { ConnectorLogo } from '../../components/ConnectorLogo.tsx';
import { CopyText } from '../../components/CopyText.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { NotReady } from '../../components/NotReady.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import { useKeptAnswer } from '../../components/use-answer.ts';
import { openDialog, useDialogs } from '../../stores/dialogs.ts';
import { useSession, vaultObstacle } from '../../stores/session.ts';
import { usesOAuthApp } from '../connections/form/form.ts';
import classes from './SettingsPage.module.css';

interface AppLine {
  readonly connector: ConnectorDescriptor;
  readonly method: AuthMethodDescriptor;
  readonly app: OAuthApp | undefined;
}

export function OAuthAppsSettings() {
  const connectors = useSession((state) => state.connectors);
  // Read again whenever a dialog closes: it may have changed an app.
  const open = useDialogs((state) => state.open.length);
  const answer = useKeptAnswer(`apps/${open}`, async () => (await calls.oauthApps.list({})).apps);
  const apps = answer.value;

  const lines: AppLine[] = connectors.flatMap((connector) =>
    connector.authMethods.filter(usesOAuthApp).map((method) => ({
      connector,
      method,
      app: apps?.find((app) => app.connectorId === connector.id && app.authMethodId === method.id),
    })),
  );
  return (
    <div className={classes.section}>
      <p className={classes.dim}>
        The OAuth apps this tenant has registered with its systems. Every connection of a system uses its app.
      </p>
      {(answer.error || apps === null) && (
        <NotReady error={answer.error} sentence="Reading the OAuth apps…" onRetry={answer.retry} />
      )}
      {apps && lines.length === 0 && <EmptyState sentence="No connector of this version needs an OAuth app." />}
      {apps && lines.map((line) => <AppCard key={`${line.connector.id}/${line.method.id}`} line={line} />)}
    </div>
  );
}

function AppCard({ line }: { line: AppLine }) {
  const { connector, method, app } = line;
  const name = connector.authMethods.length > 1 ? `${connector.name}, ${method.label}` : connector.name;
  const edit = (): void => openDialog({ kind: 'oauthApp', connectorId: connector.id, authMethodId: method.id });
  return (
    <section className={classes.app} aria-label={name}>
      <div className={classes.appHead}>
        <ConnectorLogo logoPath={connector.logoPath} monogram={connector.monogram} size={24} />
        <span className={classes.appName}>{name}</span>
        <Button size="xs" variant="default" aria-label={`${app ? 'Edit' : 'Set'} the app of ${name}`} onClick={edit}>
          {app ? 'Edit' : 'Set'}
        </Button>
        {app && (
          <Button
            size="xs"
            variant="default"
            aria-label={`Remove the app of ${name}`}
            onClick={() => openDialog({ kind: 'removeOAuthApp', connectorId: connector.id, authMethodId: method.id })}
          >
            Remove
          </Button>
        )}
      </div>
      {app ? (
        <dl className={classes.facts}>
          <dt>Client id</dt>
          <dd>
            <SafeText text={app.clientId} />, changed <Ago at={app.updatedAt} />
          </dd>
          <dt>Client secret</dt>
          <dd>
            <SecretState app={app} isUsed={method.clientSecret !== 'none'} />
          </dd>
        </dl>
      ) : (
        <p className={classes.dim}>Not set yet. Its connections cannot be authorized before.</p>
      )}
      {method.redirectUris.map((uri) => (
        <CopyText key={uri} text={uri} what={`redirect address of ${name}`} />
      ))}
    </section>
  );
}

/** Write-only: whether it is there, since when, and whether it can be used. */
function SecretState({ app, isUsed }: { app: OAuthApp; isUsed: boolean }) {
  const isOpen = useSession((state) => vaultObstacle(state.app?.vault) === null);
  if (!app.clientSecretSetAt) return isUsed ? 'Not set' : 'Not used by this system';
  return (
    <>
      Set <Ago at={app.clientSecretSetAt} />
      {!app.isClientSecretReadable &&
        (isOpen ? '; it cannot be opened on this machine, enter it again' : '; the vault is locked')}
    </>
  );
}
