import { shell } from 'electron';
import { AppError } from '../shared/errors.ts';

/**
 * Judges an address before the system may open it. Only https; plain http to a loopback address solely for an
 * authorization page that is being opened right now.
 * @returns the normalised address @throws AppError not_allowed
 */
export function judgeLink(raw: string, options: { allowLoopbackHttp: boolean } = { allowLoopbackHttp: false }): string {
  const refuse = (why: string): never => {
    throw new AppError('not_allowed', `Patchbay does not open this address: ${why}.`);
  };
  if (raw.length > 8000) refuse('it is too long');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0020\u007f-\u009f\\]/.test(raw)) refuse('it holds blanks, control characters or backslashes');
  let url: URL;
  try {
    url = new URL(raw);
  } catch {
    return refuse('it is not a complete address');
  }
  if (url.username !== '' || url.password !== '') refuse('it holds a user name or password');
  const isLoopback = url.hostname === '127.0.0.1' || url.hostname === '[::1]' || url.hostname === 'localhost';
  if (url.protocol !== 'https:' && !(options.allowLoopbackHttp && url.protocol === 'http:' && isLoopback))
    refuse('only https addresses are opened');
  return url.href;
}

/** The only way out to the system browser. */
export async function openLink(raw: string, options?: { allowLoopbackHttp: boolean }): Promise<void> {
  await shell.openExternal(judgeLink(raw, options), { activate: true });
}
