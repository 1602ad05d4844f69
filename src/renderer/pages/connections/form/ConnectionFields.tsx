import { Button, Checkbox, NativeSelect, PasswordInput, Switch, Textarea, TextInput } from '@mantine/core';
import type { FieldValue } from '../../../../shared/connection/connection.ts';
import { isSecretField } from '../../../../shared/connector/form.ts';
import type { FieldDescriptor } from '../../../../shared/connector.ts';
import { fieldError } from '../../../components/FieldError.tsx';
import type { SecretInfo } from '../credentials/secret-info.ts';
import { secretPlaceholder } from '../credentials/secret-info.ts';
import classes from './ConnectionFields.module.css';

interface FieldControlProps {
  readonly id: string;
  readonly field: FieldDescriptor;
  readonly value: FieldValue | undefined;
  readonly secret: string;
  readonly secretInfo: SecretInfo | undefined;
  /** Main fills it in when it is left blank (practice tenant). */
  readonly isFilledIn?: boolean | undefined;
  readonly error: string | undefined;
  readonly onValue: (value: FieldValue) => void;
  readonly onSecret: (value: string) => void;
  /** Given where a stored secret that is optional can be removed: leaving it blank keeps it. */
  readonly removal?: { readonly isRemoved: boolean; readonly onChange: (isRemoved: boolean) => void } | undefined;
}

/** One labelled control for one field of the manifest, with where to find its value. */
export function FieldControl(props: FieldControlProps) {
  const { field } = props;
  const isWide = isSecretField(field) || field.kind === 'switch' || field.kind === 'url';
  return (
    <div className={isWide ? classes.wide : undefined}>
      {isSecretField(field) ? <SecretControl {...props} /> : <ValueControl {...props} />}
    </div>
  );
}

function helpOf(field: FieldDescriptor): string {
  return field.required || field.kind === 'switch' ? field.help : `${field.help}${field.help ? ' ' : ''}(optional)`;
}

/** A secret, and beside one that is stored and optional, a way to be rid of it. */
function SecretControl(props: FieldControlProps) {
  const { field, secretInfo, removal } = props;
  if (field.required || !secretInfo || !removal) return <SecretInput {...props} />;
  const { isRemoved, onChange } = removal;
  return (
    <div className={classes.removable}>
      <SecretInput {...props} />
      <Button size="compact-sm" variant="default" onClick={() => onChange(!isRemoved)}>
        {isRemoved ? 'Keep' : 'Remove'}
        <span className="pb-hidden"> {field.label}</span>
      </Button>
    </div>
  );
}

function SecretInput({ id, field, secret, secretInfo, isFilledIn, removal, error, onSecret }: FieldControlProps) {
  const isRemoved = removal?.isRemoved === true && secret === '';
  const common = {
    id,
    label: field.label,
    description: helpOf(field),
    value: secret,
    placeholder:
      (isFilledIn
        ? 'Filled in from the practice server'
        : isRemoved
          ? 'Goes when this is saved'
          : secretPlaceholder(secretInfo, Date.now())) ??
      field.placeholder ??
      '',
    error: fieldError(error),
    autoComplete: 'off',
    spellCheck: false,
    'aria-required': field.required,
  };
  if (field.kind === 'multilineSecret') {
    return (
      <Textarea
        {...common}
        rows={4}
        onChange={(event) => onSecret(event.currentTarget.value)}
        classNames={{ input: 'pb-mono' }}
      />
    );
  }
  return (
    <PasswordInput
      {...common}
      visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
      onChange={(event) => onSecret(event.currentTarget.value)}
    />
  );
}

function ValueControl({ id, field, value, error, onValue }: FieldControlProps) {
  const common = {
    id,
    label: field.label,
    description: helpOf(field),
    error: fieldError(error),
    'aria-required': field.required,
  };
  switch (field.kind) {
    case 'select':
      return (
        <NativeSelect
          {...common}
          data={(field.options ?? []).map((option) => ({ ...option }))}
          value={String(value ?? '')}
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      );
    case 'switch':
      return (
        <Switch
          id={id}
          label={field.label}
          description={field.help}
          error={fieldError(error)}
          checked={value === true}
          onChange={(event) => onValue(event.currentTarget.checked)}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          value={String(value ?? '')}
          placeholder={field.placeholder ?? ''}
          inputMode={field.kind === 'number' ? 'decimal' : field.kind === 'text' ? 'text' : 'url'}
          onChange={(event) => onValue(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      );
  }
}

interface AdvancedFieldsProps {
  readonly idOf: (control: string) => string;
  readonly hasLoginHost: boolean;
  readonly apiBaseUrl: string;
  readonly loginBaseUrl: string;
  readonly allowPrivateNetwork: boolean;
  readonly errors: Readonly<Record<string, string>>;
  readonly onChange: (
    part: { apiBaseUrl?: string; loginBaseUrl?: string; allowPrivateNetwork?: boolean },
    control: string,
  ) => void;
}

export function AdvancedFields({ idOf, hasLoginHost, errors, onChange, ...values }: AdvancedFieldsProps) {
  return (
    <div className={classes.fields}>
      <div className={classes.wide}>
        <TextInput
          id={idOf('apiBaseUrl')}
          label="API base URL"
          description="Only where the API is elsewhere than usual: a sandbox, a proxy, another region, a test server."
          placeholder="https://"
          value={values.apiBaseUrl}
          error={fieldError(errors.apiBaseUrl)}
          onChange={(event) => onChange({ apiBaseUrl: event.currentTarget.value }, 'apiBaseUrl')}
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      {hasLoginHost && (
        <div className={classes.wide}>
          <TextInput
            id={idOf('loginBaseUrl')}
            label="Login base URL"
            description="Only where people log in elsewhere than usual."
            placeholder="https://"
            value={values.loginBaseUrl}
            error={fieldError(errors.loginBaseUrl)}
            onChange={(event) => onChange({ loginBaseUrl: event.currentTarget.value }, 'loginBaseUrl')}
            autoComplete="off"
            spellCheck={false}
          />
        </div>
      )}
      <div className={classes.wide}>
        <Checkbox
          id={idOf('allowPrivateNetwork')}
          label="Allow private network addresses"
          description="Lets this connection reach this machine and the local network. Leave it off unless the system runs there."
          checked={values.allowPrivateNetwork}
          error={fieldError(errors.allowPrivateNetwork)}
          onChange={(event) => onChange({ allowPrivateNetwork: event.currentTarget.checked }, 'allowPrivateNetwork')}
        />
      </div>
    </div>
  );
}
