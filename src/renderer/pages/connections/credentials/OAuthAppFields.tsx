import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { AuthMethodDescriptor, ConnectorDescriptor } from '../../../../shared/connector.ts';
import type { OAuthApp } from '../../../../shared/ipc/contract.ts';
import { calls } from '../../../bridge.ts';
import { CopyText } from '../../../components/CopyText.tsx';
import { Note } from '../../../components/ErrorNote.tsx';
import { fieldError } from '../../../components/FieldError.tsx';
import { Part } from '../../../components/Part.tsx';
import { reportElsewhere } from '../../../frame/report.ts';
import { useConnections } from '../../../stores/connections.ts';
import { formatAgo } from '../../../text/format.ts';
import { appChangeWarning, authorizedBy } from './app-change.ts';
import classes from './OAuthAppFields.module.css';

interface OAuthAppFieldsProps {
  readonly idOf: (control: string) => string;
  readonly connector: ConnectorDescriptor;
  readonly method: AuthMethodDescriptor;
  readonly app: OAuthApp | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly errors: Readonly<Record<string, string>>;
  readonly onClientId: (value: string) => void;
  readonly onClientSecret: (value: string) => void;
}

/** The tenant's own OAuth app of a connector: kept once, used by all its connections. */
export function OAuthAppFields({
  idOf,
  connector,
  method,
  app,
  clientId,
  clientSecret,
  errors,
  onClientId,
  onClientSecret,
}: OAuthAppFieldsProps) {
  return (
    <fieldset className={classes.section}>
      <legend>OAuth app of this tenant</legend>
      <p className={classes.note}>
        {app
          ? `Known for ${connector.name} since ${formatAgo(app.updatedAt, Date.now())}; all its connections here use it.`
          : `Register an OAuth app in ${connector.name} once; all its connections here use it.`}{' '}
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => void calls.app.openLink({ url: connector.docsUrl }).catch(reportElsewhere)}
        >
          Documentation of {connector.name}
        </Button>
      </p>
      <div className={classes.fields}>
        <TextInput
          id={idOf('clientId')}
          label="Client id"
          description={method.appHelp?.clientId}
          value={clientId}
          error={fieldError(errors.clientId)}
          onChange={(event) => onClientId(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          aria-required
        />
        {method.clientSecret !== 'none' && (
          <PasswordInput
            id={idOf('clientSecret')}
            label="Client secret"
            description={method.appHelp?.clientSecret}
            value={clientSecret}
            placeholder={
              app?.hasClientSecret
                ? `Set ${formatAgo(app.updatedAt, Date.now())}, paste to replace`
                : method.clientSecret === 'optional'
                  ? 'Only if the app has one'
                  : ''
            }
            error={fieldError(errors.clientSecret)}
            visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
            onChange={(event) => onClientSecret(event.currentTarget.value)}
            autoComplete="off"
            aria-required={method.clientSecret === 'required'}
          />
        )}
      </div>
      <ChangeWarning
        connectorId={connector.id}
        authMethodId={method.id}
        change={{ stored: app, clientId, clientSecret }}
      />
      {method.scopes.length > 0 && (
        <div className={classes.redirects}>
          <span>Allow the app {method.scopes.length === 1 ? 'this scope' : 'these scopes'}</span>
          <CopyText text={method.scopes.join(' ')} what="scopes" />
        </div>
      )}
      {method.redirectUris.length > 0 && (
        <div className={classes.redirects}>
          <span>
            Register {method.redirectUris.length === 1 ? 'this redirect address' : 'these redirect addresses'} in the
            app
          </span>
          {method.redirectUris.map((uri) => (
            <CopyText key={uri} text={uri} what="redirect address" />
          ))}
        </div>
      )}
    </fieldset>
  );
}

interface ChangeWarningProps {
  readonly connectorId: string;
  readonly authMethodId: string;
  readonly change: Parameters<typeof appChangeWarning>[0];
}

/** The app is the tenant's: whoever changes it for one connection changes it for all of them. */
function ChangeWarning({ connectorId, authMethodId, change }: ChangeWarningProps) {
  const rows = useConnections((state) => state.rows);
  const names = useMemo(
    () => authorizedBy(rows.values(), connectorId, authMethodId),
    [rows, connectorId, authMethodId],
  );
  const warning = appChangeWarning(change, names);
  if (warning === null) return null;
  return (
    <Part role="status" className={classes.warning}>
      <Note kind="warning">{warning}</Note>
    </Part>
  );
}
