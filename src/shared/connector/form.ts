/**
 * The rules of a connection form: what it begins with, what it shows, and what may stand in it. The page that shows a form and the
 * application that keeps it go by this one copy; what only the application knows (stored secrets, a connector's own
 * refusals) is given to it.
 */
import type { FieldValue } from '../connection/connection.ts';
import type { FieldDescriptor } from '../connector.ts';

/** Of the platform, which has it everywhere; what is shared is compiled without a platform. */
declare const URL: new (text: string) => ParsedUrl;
interface ParsedUrl {
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly search: string;
  readonly hash: string;
}

/** Values by field name; one that is missing or blank counts as its field's default. */
export type FieldValues = Readonly<Record<string, FieldValue | undefined>>;

/** A clean value (undefined: left blank, which is fine), or a sentence that says what is wrong. */
export type Checked<T> = { readonly value: T | undefined } | { readonly problem: string };

/** Longest text of a value that is compared with a pattern, in characters. */
const PATTERN_MAX = 20_000;
/** Longest host name, in characters (RFC 1035, section 2.3.4). */
const HOST_MAX = 253;
/** Labels of at most 63 characters, and two of them at least: a name of one label means another machine on each network. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Whether what stands in a field goes to the vault and never comes out of it. */
export function isSecretField({ kind }: Pick<FieldDescriptor, 'kind'>): boolean {
  return kind === 'secret' || kind === 'multilineSecret';
}

/** What a new form holds: the default; of a choice without one its first option. */
export function initialValue(field: FieldDescriptor): FieldValue {
  return field.default ?? (field.kind === 'select' ? field.options?.[0]?.value : undefined) ?? valueWhenBlank(field);
}

/** What new forms hold in those of the fields that are no secrets. */
export function initialValues(fields: readonly FieldDescriptor[]): Record<string, FieldValue> {
  return Object.fromEntries(
    fields.filter((field) => !isSecretField(field)).map((one) => [one.name, initialValue(one)]),
  );
}

/** What a field means that nobody has filled in. */
function valueWhenBlank(field: FieldDescriptor): FieldValue {
  return field.default ?? (field.kind === 'switch' ? false : '');
}

/** Whether a field is asked for. @param all every field of the form, among them the one that decides */
export function isVisible(
  { visibleWhen }: FieldDescriptor,
  values: FieldValues,
  all: readonly FieldDescriptor[],
): boolean {
  if (visibleWhen === undefined) return true;
  const value = values[visibleWhen.field] ?? '';
  const other = all.find(({ name }) => name === visibleWhen.field);
  return visibleWhen.oneOf.includes(String(value === '' && other ? valueWhenBlank(other) : value));
}

interface WithFields {
  readonly fields: readonly FieldDescriptor[];
}

/** The fields that are asked for, in form order: the connector's own, then those of the authentication method. */
export function visibleFields({ fields }: WithFields, method: WithFields, values: FieldValues): FieldDescriptor[] {
  const all = [...fields, ...method.fields];
  return all.filter((field) => isVisible(field, values, all));
}

/** Blanks and line ends around a pasted value are never part of it; a key's own line ends (PEM) stay. */
function cleanText(field: FieldDescriptor, value: string): string {
  const trimmed = value.trim();
  return field.kind === 'multilineSecret' ? trimmed.replaceAll('\r\n', '\n') : trimmed;
}

function blank(field: FieldDescriptor, isNeeded: boolean): Checked<never> {
  return isNeeded ? { problem: `Enter ${field.label}.` } : { value: undefined };
}

/**
 * Checks the value of a field that is no secret.
 * @param raw undefined = the form does not hold the field, which means its default
 * @param refuseHost says why a host (in lower case) cannot be right for the connector, or null
 */
export function checkValue(
  field: FieldDescriptor,
  raw: FieldValue | undefined,
  refuseHost: (host: string) => string | null = () => null,
): Checked<FieldValue> {
  const value = raw ?? field.default;
  if (field.kind === 'switch') return { value: value === true || value === 'true' };
  const text = cleanText(field, String(value ?? ''));
  if (text === '') return blank(field, field.required);
  if (field.kind === 'number') {
    const number = Number(text);
    return Number.isFinite(number) ? { value: number } : { problem: `${field.label} must be a number.` };
  }
  const problem = textProblem(field, text, refuseHost) ?? patternProblem(field, text);
  return problem === null ? { value: text } : { problem };
}

function textProblem(field: FieldDescriptor, text: string, refuseHost: (host: string) => string | null): string | null {
  if (field.kind === 'select' && field.options?.every((option) => option.value !== text))
    return `Choose one of the values offered for ${field.label}.`;
  const problem =
    field.kind === 'hostname'
      ? (hostProblem(text, field.label) ?? refuseHost(text.toLowerCase()))
      : field.kind === 'url'
        ? urlProblem(text, field.label)
        : null;
  if (problem !== null) return problem;
  return /\p{Cc}/u.test(text)
    ? `${field.label} holds a line end or control character. Paste it again as one line.`
    : null;
}

function patternProblem({ pattern }: FieldDescriptor, text: string): string | null {
  if (pattern === undefined) return null;
  const fits = text.length <= PATTERN_MAX && new RegExp(`^(?:${pattern.source})$`, 'u').test(text);
  return fits ? null : pattern.message;
}

function hostProblem(text: string, label: string): string | null {
  if (/[/:@]/.test(text)) return `Enter only the host name for ${label}, without https://, a port or a path.`;
  return text.length <= HOST_MAX && HOST.test(text) ? null : `${label} is not a host name such as acme.example.com.`;
}

/**
 * Checks a secret. No sentence quotes it.
 * @param isStored one is stored, or may be missing: the field may be left blank
 */
export function checkSecret(field: FieldDescriptor, raw: string | undefined, isStored: boolean): Checked<string> {
  const text = cleanText(field, raw ?? '');
  if (text === '') return blank(field, field.required && !isStored);
  const problem = secretProblem(field, text) ?? patternProblem(field, text);
  return problem === null ? { value: text } : { problem };
}

function secretProblem({ kind, format, label }: FieldDescriptor, text: string): string | null {
  if (kind === 'secret' && /[\p{Cc}\s]/u.test(text))
    return `${label} holds a blank or line end inside. Paste it again; a key is one piece.`;
  if (format === 'json' && !isJsonObject(text))
    return `${label} is not the JSON it should be. Paste the whole key file, from the first { to the last }.`;
  return null;
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

/** Why a text is no web address that can be used as a base, or null. */
function urlProblem(text: string, label: string): string | null {
  const url = parsedUrl(text);
  if (url === null)
    return `${label} is not a web address. It begins with https://, for example https://api.example.com.`;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${label} must begin with https://.`;
  if (url.username !== '' || url.password !== '') return `${label} must not hold a user name or password.`;
  if (url.search !== '' || url.hash !== '') return `${label} must not hold a query or fragment (? or #).`;
  return null;
}

function parsedUrl(text: string): ParsedUrl | null {
  try {
    return new URL(text);
  } catch {
    // URL.parse is younger than Electron 25.
    return null;
  }
}

/** Controls of the Advanced section that hold an address. */
export const BASE_URLS = { apiBaseUrl: 'API base URL', loginBaseUrl: 'Login base URL' } as const;

/**
 * Why a text cannot be a base URL of the Advanced section, or null. Where it leads to is judged by the application.
 * @param allowPrivate "Allow private network addresses" is ticked
 */
export function baseUrlProblem(text: string, control: keyof typeof BASE_URLS, allowPrivate: boolean): string | null {
  const label = BASE_URLS[control];
  const trimmed = text.trim();
  const problem = urlProblem(trimmed, label);
  if (problem !== null) return problem;
  return new URL(trimmed).protocol === 'http:' && !allowPrivate
    ? `${label} must begin with https://. Plain http is only possible for private addresses, with "Allow private network addresses" ticked.`
    : null;
}
