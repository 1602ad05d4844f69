import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { fieldError } from '../../../components/FieldError.tsx';
import { IconChevronRight } from '../../../components/icons.ts';
import { OAuthAppFields } from '../credentials/OAuthAppFields.tsx';
import type { SecretInfo } from '../credentials/secret-info.ts';
import classes from './ConnectionDialog.module.css';
import fieldClasses from './ConnectionFields.module.css';
import { AdvancedFields, FieldControl } from './ConnectionFields.tsx';
import { ADVANCED_CONTROLS, fieldsOfForm, usesOAuthApp, withName } from './form.ts';
import type { ConnectionForm } from './use-connection-form.ts';

/** Name, method, the connector's fields, the OAuth app and Advanced. */
export function ConnectionDetails({
  form,
  idOf,
  secrets,
}: {
  form: ConnectionForm;
  idOf: (control: string) => string;
  secrets: readonly SecretInfo[];
}) {
  const { connector, method, values, errors, change } = form;
  const [wantsAdvanced, setWantsAdvanced] = useState(false);
  const isAdvancedOpen = wantsAdvanced || ADVANCED_CONTROLS.some((control) => errors[control] !== undefined);
  return (
    <>
      <TextInput
        id={idOf('name')}
        label="Name of the Connection"
        value={values.name}
        error={fieldError(errors.name)}
        onChange={(event) => change({ name: event.currentTarget.value }, 'name')}
        onFocus={(event) => event.currentTarget.select()}
        autoComplete="off"
        aria-required
        data-autofocus
      />
      {connector.authMethods.length > 1 && (
        <NativeSelect
          id={idOf('authMethodId')}
          label="Authentication method"
          error={fieldError(errors.authMethodId)}
          data={connector.authMethods.map((each) => ({ value: each.id, label: each.label }))}
          value={method.id}
          onChange={(event) => change({ authMethodId: event.currentTarget.value })}
        />
      )}
      <div className={fieldClasses.fields}>
        {fieldsOfForm(connector, values).map((field) => (
          <FieldControl
            key={field.name}
            id={idOf(field.name)}
            field={field}
            value={values.fields[field.name]}
            secret={values.secrets[field.name] ?? ''}
            secretInfo={secrets.find((secret) => secret.name === field.name)}
            isFilledIn={form.row === null && form.practice?.filledSecrets.includes(field.name) === true}
            error={errors[field.name]}
            onValue={(value) => change({ fields: { ...values.fields, [field.name]: value } }, field.name)}
            onSecret={(value) => change({ secrets: { ...values.secrets, [field.name]: value } }, field.name)}
            removal={{
              isRemoved: values.removedSecrets.includes(field.name),
              onChange: (isRemoved) =>
                change({ removedSecrets: withName(values.removedSecrets, field.name, isRemoved) }, field.name),
            }}
          />
        ))}
      </div>
      {usesOAuthApp(method) && (
        <OAuthAppFields
          idOf={idOf}
          connector={connector}
          method={method}
          app={form.app}
          clientId={values.clientId}
          clientSecret={values.clientSecret}
          errors={errors}
          onClientId={(clientId) => change({ clientId }, 'clientId')}
          onClientSecret={(clientSecret) => change({ clientSecret }, 'clientSecret')}
        />
      )}
      <button
        type="button"
        className={classes.disclosure}
        aria-expanded={isAdvancedOpen}
        aria-controls={idOf('advanced')}
        onClick={() => setWantsAdvanced(!isAdvancedOpen)}
      >
        <IconChevronRight size={16} aria-hidden="true" />
        Advanced
      </button>
      <div id={idOf('advanced')} className={classes.advanced} hidden={!isAdvancedOpen}>
        <AdvancedFields
          idOf={idOf}
          hasLoginHost={connector.hasLoginHost}
          apiBaseUrl={values.apiBaseUrl}
          loginBaseUrl={values.loginBaseUrl}
          allowPrivateNetwork={values.allowPrivateNetwork}
          errors={errors}
          onChange={change}
        />
      </div>
    </>
  );
}
