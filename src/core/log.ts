import { join } from 'node:path';
import log from 'electron-log/node';
import { claimFile, claimFolder } from '../store/places.ts';

export interface AppLog {
  info(text: string): void;
  warn(text: string): void;
  /** An error is written as its class, message and stack; never its properties, which may hold a request. */
  error(text: string, error?: unknown): void;
}

const MAX_LINE = 4000;

/** Two megabytes a file, one older file kept; every line goes through `mask`, which knows each live secret by value. */
export function openLog(folder: string, mask: (text: string) => string): AppLog {
  const file = join(folder, 'patchbay.log');
  prepare(folder, file);
  log.transports.file.resolvePathFn = () => file;
  log.transports.file.maxSize = 2 * 1024 * 1024;
  log.transports.file.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' };
  log.transports.console.level = 'warn';
  const clean = (text: string): string =>
    mask(text)
      .replace(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\n' || char === '\t' ? char : '?'))
      .slice(0, MAX_LINE);
  const line = (level: 'info' | 'warn' | 'error', text: string): void => {
    log[level](clean(text));
  };
  return {
    info: (text) => line('info', text),
    warn: (text) => line('warn', text),
    error: (text, error) => line('error', error === undefined ? text : `${text}: ${describeError(error)}`),
  };
}

/** A log that cannot be written is no reason not to start: everything then goes to stderr alone. */
function prepare(folder: string, file: string): void {
  try {
    claimFolder(folder);
    for (const path of [file, join(folder, 'patchbay.old.log')]) claimFile(path);
    log.transports.file.level = 'silly';
  } catch (error) {
    log.transports.file.level = false;
    process.stderr.write(`The log can't be written: ${error instanceof Error ? error.message : 'unknown reason'}\n`);
  }
}

/** Class, message and stack, with the causes; nothing else of an error may reach the log. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : 'a thrown value that is not an error';
  const cause = error.cause === undefined ? '' : `\ncaused by ${describeError(error.cause)}`;
  return `${error.stack ?? `${error.name}: ${error.message}`}${cause}`;
}
