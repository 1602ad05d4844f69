import { addressLiteral, classifyAddress, Secret } from '../../../connectors/catalog.ts';
import type { EndpointOverrides, FieldValue } from '../../shared/connection/connection.ts';
import {
  BASE_URLS,
  baseUrlProblem,
  type Checked,
  checkSecret,
  checkValue,
  isSecretField,
  visibleFields,
} from '../../shared/connector/form.ts';
import type { AuthMethodDescriptor, ConnectorDescriptor, FieldDescriptor } from '../../shared/connector.ts';
import { AppError } from '../../shared/errors.ts';
import type { ConnectionInput } from '../../shared/ipc/contract.ts';

/** What a form becomes after checking: trimmed values without the fields its connector does not know. */
export interface CheckedForm {
  readonly fields: Record<string, FieldValue>;
  readonly secrets: Record<string, Secret>;
  /** Optional secrets that are stored and go. */
  readonly removed: readonly string[];
  readonly overrides: EndpointOverrides;
  readonly method: AuthMethodDescriptor;
}

export interface FormContext {
  readonly descriptor: ConnectorDescriptor;
  /** Names of secrets that are stored already; leaving them blank keeps them. */
  readonly storedSecrets: ReadonlySet<string>;
  /** Of a revoked connection: required secrets are gone, and only a re-authorization asks for them. */
  readonly mayLackSecrets?: boolean | undefined;
  /** Says why a typed host cannot be right, or null. */
  readonly refuseHost: (hostname: string) => string | null;
}

function invalid(field: FieldDescriptor, message: string): AppError {
  return new AppError('invalid_input', message, { field: field.name });
}

/** Checks a base URL of the Advanced section. @returns it without a trailing slash */
export function checkBaseUrl(text: string, field: keyof typeof BASE_URLS, allowPrivate: boolean): string {
  const problem = baseUrlProblem(text, field, allowPrivate) ?? addressProblem(text, field, allowPrivate);
  if (problem !== null) throw new AppError('invalid_input', problem, { field });
  return new URL(text.trim()).href.replace(/(?<!\/)\/+$/, '');
}

/** Judged at its field before anything is saved; what a name resolves to is judged at each connection. */
function addressProblem(text: string, field: keyof typeof BASE_URLS, allowPrivate: boolean): string | null {
  const label = BASE_URLS[field];
  const url = new URL(text.trim());
  const literal = addressLiteral(url.hostname);
  const kind = literal === null ? null : classifyAddress(literal);
  if (kind === 'never')
    return `${label} is a link-local, metadata or reserved address, which is never used. Enter the address of the system.`;
  if (kind === 'private' && !allowPrivate)
    return `${label} is a private address. Tick "Allow private network addresses" if the system runs there.`;
  if (kind === 'public' && url.protocol === 'http:')
    return `${label} must begin with https://. Plain http is only possible for private addresses.`;
  return null;
}

/** @throws AppError invalid_input at the field */
function accepted<T>(field: FieldDescriptor, checked: Checked<T>): T | undefined {
  if ('problem' in checked) throw invalid(field, checked.problem);
  return checked.value;
}

/**
 * Checks what a connection form holds against its connector's manifest.
 * @throws AppError invalid_input with the field's name, for the first field in form order that is wrong
 */
export function checkForm(
  input: Pick<ConnectionInput, 'authMethodId' | 'fields' | 'secrets' | 'removedSecrets' | 'overrides'>,
  context: FormContext,
): CheckedForm {
  const { descriptor } = context;
  const method = descriptor.authMethods.find((one) => one.id === input.authMethodId);
  if (method === undefined)
    throw new AppError('invalid_input', 'Choose how the connection authenticates.', { field: 'authMethodId' });
  const fields: Record<string, FieldValue> = {};
  const secrets: Record<string, Secret> = {};
  const removed: string[] = [];
  for (const field of visibleFields(descriptor, method, input.fields)) {
    if (isSecretField(field)) {
      const isStored = context.mayLackSecrets === true || context.storedSecrets.has(field.name);
      const secret = accepted(field, checkSecret(field, input.secrets[field.name], isStored));
      if (secret !== undefined) secrets[field.name] = new Secret(secret);
      else if (!field.required && isRemoved(field, input, context)) removed.push(field.name);
    } else {
      const value = accepted(field, checkValue(field, input.fields[field.name], context.refuseHost));
      if (value !== undefined) fields[field.name] = value;
    }
  }
  const { apiBaseUrl, loginBaseUrl, allowPrivateNetwork, requestsPerMinute } = input.overrides;
  const overrides: EndpointOverrides = {
    ...(apiBaseUrl?.trim() ? { apiBaseUrl: checkBaseUrl(apiBaseUrl, 'apiBaseUrl', allowPrivateNetwork) } : {}),
    ...(loginBaseUrl?.trim() ? { loginBaseUrl: checkBaseUrl(loginBaseUrl, 'loginBaseUrl', allowPrivateNetwork) } : {}),
    allowPrivateNetwork,
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
  };
  return { fields, secrets, removed, overrides, method };
}

function isRemoved(
  { name }: FieldDescriptor,
  { removedSecrets }: Pick<ConnectionInput, 'removedSecrets'>,
  { storedSecrets }: FormContext,
): boolean {
  return removedSecrets?.includes(name) === true && storedSecrets.has(name);
}
