import { PasswordInput, TextInput } from '@mantine/core';
import type { AuthMethodDescriptor } from '../../../shared/connector.ts';
import type { OAuthApp } from '../../../shared/ipc/contract.ts';
import { CopyText } from '../../components/CopyText.tsx';
import { fieldError } from '../../components/FieldError.tsx';
import { formatAgo } from '../../text/format.ts';
import classes from './OAuthAppFields.module.css';

interface OAuthAppFieldsProps {
  readonly idOf: (control: string) => string;
  readonly connectorName: string;
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
  connectorName,
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
          ? `Known for ${connectorName} since ${formatAgo(app.updatedAt, Date.now())}.`
          : `Register an OAuth app in ${connectorName} once; all its connections here use it.`}
      </p>
      <div className={classes.fields}>
        <TextInput
          id={idOf('clientId')}
          label="Client id"
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
