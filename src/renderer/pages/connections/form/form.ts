/** The connection form as data: what a connector asks for, what was typed, what is wrong with it. */
import { connectionNameSchema, type FieldValue, NAME_MAX } from '../../../../shared/connection/connection.ts';
import {
  baseUrlProblem,
  checkSecret,
  checkValue,
  initialValues,
  isSecretField,
  visibleFields,
} from '../../../../shared/connector/form.ts';
import type { AuthMethodDescriptor, ConnectorDescriptor, FieldDescriptor } from '../../../../shared/connector.ts';
import type { ConnectionInput, ConnectionRow, PracticeDefaults } from '../../../../shared/ipc/contract.ts';
import type { ConnectionFormValues } from '../../../stores/connection-form-values.ts';
import { cleanKey } from '../../../text/safe-text.ts';

/** Messages by the control they belong to; `form` is for what belongs to none. */
export type FormErrors = Readonly<Record<string, string>>;

/** What is stored already and therefore need not be typed again. */
export interface Stored {
  readonly secrets: ReadonlySet<string>;
  readonly hasClientSecret: boolean;
  /** Of a revoked connection: its keys are gone, and only a re-authorization asks for them. */
  readonly mayLackSecrets?: boolean;
}

export function methodOfForm(
  connector: ConnectorDescriptor,
  values: Pick<ConnectionFormValues, 'authMethodId'>,
): AuthMethodDescriptor {
  const method =
    connector.authMethods.find((candidate) => candidate.id === values.authMethodId) ?? connector.authMethods[0];
  if (!method) throw new Error(`Connector ${connector.id} has no authentication method`);
  return method;
}

/** The fields that the form shows, in its order. */
export function fieldsOfForm(connector: ConnectorDescriptor, values: ConnectionFormValues): FieldDescriptor[] {
  return visibleFields(connector, methodOfForm(connector, values), values.fields);
}

/** Of every method, so that a choice of another begins with its defaults. */
function defaults(connector: ConnectorDescriptor): Record<string, FieldValue> {
  return initialValues([...connector.fields, ...connector.authMethods.flatMap((method) => method.fields)]);
}

/** The connector's name, or the first of "Zendesk 2", "Zendesk 3" ... that is free. */
export function freeName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base.toLowerCase())) return base;
  for (let number = 2; ; number += 1) {
    const name = `${base.slice(0, NAME_MAX - 6)} ${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}

export function emptyValues(connector: ConnectorDescriptor, name: string): ConnectionFormValues {
  return {
    connectorId: connector.id,
    name,
    authMethodId: connector.authMethods[0]?.id ?? '',
    fields: defaults(connector),
    secrets: {},
    removedSecrets: [],
    clientId: '',
    clientSecret: '',
    apiBaseUrl: '',
    loginBaseUrl: '',
    allowPrivateNetwork: false,
  };
}

/** On the practice tenant a new form is filled in, so that rehearsing needs no documentation. */
export function withPractice(
  values: ConnectionFormValues,
  practice: PracticeDefaults | undefined,
): ConnectionFormValues {
  if (!practice) return values;
  return {
    ...values,
    authMethodId: practice.authMethodId,
    fields: { ...values.fields, ...practice.fields },
    apiBaseUrl: practice.overrides.apiBaseUrl ?? '',
    loginBaseUrl: practice.overrides.loginBaseUrl ?? '',
    allowPrivateNetwork: practice.overrides.allowPrivateNetwork,
  };
}

export function valuesOf(connector: ConnectorDescriptor, row: ConnectionRow): ConnectionFormValues {
  const { connection } = row;
  return {
    ...emptyValues(connector, connection.name),
    authMethodId: connection.authMethodId,
    fields: { ...defaults(connector), ...connection.fields },
    apiBaseUrl: connection.overrides.apiBaseUrl ?? '',
    loginBaseUrl: connection.overrides.loginBaseUrl ?? '',
    allowPrivateNetwork: connection.overrides.allowPrivateNetwork,
  };
}

/** A key as it is sent: what pasting has put around and into it is gone. */
function typedSecret(field: FieldDescriptor, { secrets }: ConnectionFormValues): string {
  const typed = secrets[field.name] ?? '';
  return field.kind === 'secret' ? cleanKey(typed) : typed.trim();
}

function fieldProblem(field: FieldDescriptor, values: ConnectionFormValues, stored: Stored): string | null {
  const checked = isSecretField(field)
    ? checkSecret(field, typedSecret(field, values), stored.mayLackSecrets === true || stored.secrets.has(field.name))
    : checkValue(field, values.fields[field.name]);
  return 'problem' in checked ? checked.problem : null;
}

function appProblems(
  method: AuthMethodDescriptor,
  values: ConnectionFormValues,
  stored: Stored,
): Record<string, string> {
  if (!usesOAuthApp(method)) return {};
  const errors: Record<string, string> = {};
  if (values.clientId.trim() === '') errors.clientId = 'Enter the client id of your OAuth app.';
  if (method.clientSecret === 'required' && values.clientSecret.trim() === '' && !stored.hasClientSecret) {
    errors.clientSecret = 'Enter the client secret of your OAuth app.';
  }
  return errors;
}

export function usesOAuthApp(method: AuthMethodDescriptor): boolean {
  return method.interactive && method.clientSecret !== undefined;
}

/**
 * What is wrong, by control.
 * @param purpose `save` keeps a draft and asks for less: a log-in needs its OAuth app only when it starts
 */
export function validate(
  connector: ConnectorDescriptor,
  values: ConnectionFormValues,
  stored: Stored,
  purpose: 'save' | 'authorize' | 'test',
): FormErrors {
  const errors: Record<string, string> = {};
  const name = connectionNameSchema.safeParse(values.name);
  if (!name.success) errors.name = name.error.issues[0]?.message ?? 'Enter a name for the connection.';
  for (const field of fieldsOfForm(connector, values)) {
    const problem = fieldProblem(field, values, purpose === 'test' ? { ...stored, mayLackSecrets: false } : stored);
    if (problem) errors[field.name] = problem;
  }
  for (const key of ['apiBaseUrl', 'loginBaseUrl'] as const) {
    const problem = values[key].trim() === '' ? null : baseUrlProblem(values[key], key, values.allowPrivateNetwork);
    if (problem) errors[key] = problem;
  }
  return purpose === 'authorize'
    ? { ...errors, ...appProblems(methodOfForm(connector, values), values, stored) }
    : errors;
}

function typedValue(field: FieldDescriptor, value: FieldValue): FieldValue {
  if (field.kind === 'number') return Number(value);
  return typeof value === 'string' ? value.trim() : value;
}

/** What main is sent: only visible fields, secrets only where something was typed. */
export function toInput(connector: ConnectorDescriptor, values: ConnectionFormValues): ConnectionInput {
  const fields: Record<string, FieldValue> = {};
  const secrets: Record<string, string> = {};
  for (const field of fieldsOfForm(connector, values)) {
    if (isSecretField(field)) {
      const typed = typedSecret(field, values);
      if (typed !== '') secrets[field.name] = typed;
    } else {
      const value = values.fields[field.name];
      if (value !== undefined && value !== '') fields[field.name] = typedValue(field, value);
    }
  }
  const apiBaseUrl = values.apiBaseUrl.trim();
  const loginBaseUrl = values.loginBaseUrl.trim();
  const removedSecrets = values.removedSecrets.filter((name) => secrets[name] === undefined);
  return {
    connectorId: values.connectorId,
    name: values.name.trim(),
    authMethodId: methodOfForm(connector, values).id,
    fields,
    secrets,
    ...(removedSecrets.length === 0 ? {} : { removedSecrets }),
    overrides: {
      ...(apiBaseUrl ? { apiBaseUrl } : {}),
      ...(connector.hasLoginHost && loginBaseUrl ? { loginBaseUrl } : {}),
      allowPrivateNetwork: values.allowPrivateNetwork,
    },
  };
}

/** Main names fields by their path in the call ("input.overrides.apiBaseUrl"); controls by their last part. */
export function controlOf(path: string | undefined): string {
  return path?.split('.').at(-1) || 'form';
}

/** Controls of the Advanced section: an error there opens it. */
export const ADVANCED_CONTROLS: readonly string[] = ['apiBaseUrl', 'loginBaseUrl', 'allowPrivateNetwork'];

/** Whether anything was typed that a new form does not have by itself. */
export function isTouched(values: ConnectionFormValues, pristine: ConnectionFormValues): boolean {
  return JSON.stringify(values) !== JSON.stringify(pristine);
}

/** A set of names with one put in or taken out. */
export function withName(names: readonly string[], name: string, isIn: boolean): readonly string[] {
  const others = names.filter((one) => one !== name);
  return isIn ? [...others, name] : others;
}
