import { addressLiteral, classifyAddress, Secret } from '../../../connectors/catalog.ts';
import type { EndpointOverrides, FieldValue } from '../../shared/connection/connection.ts';
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

export function isSecretKind({ kind }: Pick<FieldDescriptor, 'kind'>): boolean {
  return kind === 'secret' || kind === 'multilineSecret';
}

function isVisible(
  field: FieldDescriptor,
  values: Readonly<Record<string, unknown>>,
  all: readonly FieldDescriptor[],
): boolean {
  if (field.visibleWhen === undefined) return true;
  const { field: other, oneOf } = field.visibleWhen;
  const value = values[other] ?? all.find((one) => one.name === other)?.default ?? '';
  return oneOf.includes(String(value));
}

function invalid(field: FieldDescriptor, message: string): AppError {
  return new AppError('invalid_input', message, { field: field.name });
}

/** Blanks and line ends around a pasted value are never part of it; a key's own line ends (PEM) stay. */
function cleanText(field: FieldDescriptor, value: string): string {
  const trimmed = value.trim();
  return field.kind === 'multilineSecret' ? trimmed.replaceAll('\r\n', '\n') : trimmed;
}

function checkHostname(field: FieldDescriptor, text: string, refuseHost: FormContext['refuseHost']): void {
  if (text.includes('/') || text.includes(':') || text.includes('@'))
    throw invalid(field, `Enter only the host name for ${field.label}, without https://, a port or a path.`);
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i.test(text) || text.length > 253)
    throw invalid(field, `${field.label} is not a host name such as acme.example.com.`);
  const refusal = refuseHost(text.toLowerCase());
  if (refusal !== null) throw invalid(field, refusal);
}

/** Checks a base URL of the Advanced section. @returns it without a trailing slash */
export function checkBaseUrl(text: string, field: 'apiBaseUrl' | 'loginBaseUrl', allowPrivate: boolean): string {
  const label = field === 'apiBaseUrl' ? 'API base URL' : 'Login base URL';
  const refuse = (message: string): AppError => new AppError('invalid_input', message, { field });
  const trimmed = text.trim();
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch (cause) {
    throw new AppError(
      'invalid_input',
      `${label} is not a web address. It begins with https://, for example https://api.example.com.`,
      { field, cause },
    );
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(`${label} must begin with https://.`);
  if (url.protocol === 'http:' && !allowPrivate)
    throw refuse(
      `${label} must begin with https://. Plain http is only possible for private addresses, with "Allow private network addresses" ticked.`,
    );
  if (url.username !== '' || url.password !== '') throw refuse(`${label} must not hold a user name or password.`);
  if (url.search !== '' || url.hash !== '') throw refuse(`${label} must not hold a query or fragment (? or #).`);
  const problem = addressProblem(url, allowPrivate);
  if (problem !== null) throw refuse(`${label} ${problem}`);
  return url.href.replace(/(?<!\/)\/+$/, '');
}

/** Judged at its field before anything is saved; what a name resolves to is judged at each connection. */
function addressProblem(url: URL, allowPrivate: boolean): string | null {
  const literal = addressLiteral(url.hostname);
  const kind = literal === null ? null : classifyAddress(literal);
  if (kind === 'never')
    return 'is a link-local, metadata or reserved address, which is never used. Enter the address of the system.';
  if (kind === 'private' && !allowPrivate)
    return 'is a private address. Tick "Allow private network addresses" if the system runs there.';
  if (kind === 'public' && url.protocol === 'http:')
    return 'must begin with https://. Plain http is only possible for private addresses.';
  return null;
}

function checkField(field: FieldDescriptor, raw: FieldValue | undefined, context: FormContext): FieldValue | undefined {
  const value = raw ?? field.default;
  if (field.kind === 'switch') return value === true || value === 'true';
  if (field.kind === 'number') {
    if (value === undefined || value === '') {
      if (field.required) throw invalid(field, `Enter ${field.label}.`);
      return undefined;
    }
    const number = Number(value);
    if (!Number.isFinite(number)) throw invalid(field, `${field.label} must be a number.`);
    return number;
  }
  const text = cleanText(field, String(value ?? ''));
  if (text === '') {
    if (field.required) throw invalid(field, `Enter ${field.label}.`);
    return undefined;
  }
  if (field.kind === 'select' && field.options !== undefined && !field.options.some((option) => option.value === text))
    throw invalid(field, `Choose one of the values offered for ${field.label}.`);
  if (field.kind === 'hostname') checkHostname(field, text, context.refuseHost);
  if (/[\p{Cc}]/u.test(text))
    throw invalid(field, `${field.label} holds a line end or control character. Paste it again as one line.`);
  checkPattern(field, text);
  return text;
}

function checkPattern(field: FieldDescriptor, text: string): void {
  if (field.pattern === undefined) return;
  if (text.length > 20_000 || !new RegExp(`^(?:${field.pattern.source})$`, 'u').test(text))
    throw invalid(field, field.pattern.message);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    // Whatever the parser found, its words quote the text, which is a secret.
    return false;
  }
}

function checkSecret(field: FieldDescriptor, raw: string | undefined, context: FormContext): Secret | undefined {
  const text = cleanText(field, raw ?? '');
  if (text === '') {
    const isNeeded = field.required && context.mayLackSecrets !== true;
    if (isNeeded && !context.storedSecrets.has(field.name)) throw invalid(field, `Enter ${field.label}.`);
    return undefined;
  }
  if (field.kind === 'secret' && /[\p{Cc}\s]/u.test(text))
    throw invalid(field, `${field.label} holds a blank or line end inside. Paste it again; a key is one piece.`);
  if (field.format === 'json' && !isJsonObject(text))
    throw invalid(
      field,
      `${field.label} is not the JSON it should be. Paste the whole key file, from the first { to the last }.`,
    );
  checkPattern(field, text);
  return new Secret(text);
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
  const all = [...descriptor.fields, ...method.fields];
  const fields: Record<string, FieldValue> = {};
  const secrets: Record<string, Secret> = {};
  const removed: string[] = [];
  for (const field of all) {
    if (!isVisible(field, input.fields, all)) continue;
    if (isSecretKind(field)) {
      const secret = checkSecret(field, input.secrets[field.name], context);
      if (secret !== undefined) secrets[field.name] = secret;
      else if (!field.required && isRemoved(field, input, context)) removed.push(field.name);
    } else {
      const value = checkField(field, input.fields[field.name], context);
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
