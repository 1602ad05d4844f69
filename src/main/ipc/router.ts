import { ipcMain } from 'electron';
import sjson from 'secure-json-parse';
import type { z } from 'zod';
import { AppError, type ErrorData, type Result } from '../../shared/errors.ts';
import { CALLS, type CallName } from '../../shared/ipc/channels.ts';
import { type CallOutput, CONTRACT, type ParsedInput } from '../../shared/ipc/contract.ts';
import { isTrustedSender } from './sender.ts';

export type Handlers = { readonly [N in CallName]: (input: ParsedInput<N>) => Promise<CallOutput<N>> | CallOutput<N> };

/** Longest input a window may send, characters; the largest honest one is a job with 500 mappings. */
export const MAX_INPUT_CHARS = 2_000_000;
const MAX_DEPTH = 24;

export interface RouterPorts {
  /** Told of everything that is not a typed refusal; must not show the input. */
  readonly onUnexpected: (call: CallName, error: unknown) => void;
  readonly onRefusedSender: (call: CallName) => void;
  /** Looks at a parsed input before its handler does. @throws AppError what the page is answered instead */
  readonly guard: (call: CallName, input: unknown) => void;
}

function isTooDeep(value: unknown, left = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  return Object.values(value).some((child) => isTooDeep(child, left - 1));
}

function firstIssue(error: z.ZodError): AppError {
  const [issue] = error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  return new AppError('invalid_input', issue?.message ?? 'The input is not valid.', field === '' ? {} : { field });
}

/** @throws AppError invalid_input for anything but JSON text of the call's own shape */
export function parseInput<N extends CallName>(name: N, raw: unknown): ParsedInput<N> {
  if (typeof raw !== 'string') throw new AppError('invalid_input', 'The call must carry JSON text.');
  if (raw.length > MAX_INPUT_CHARS) throw new AppError('invalid_input', 'The input is too long.');
  let value: unknown;
  try {
    value = sjson.parse(raw, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw new AppError('invalid_input', 'The call does not carry valid JSON.', { cause });
  }
  if (isTooDeep(value)) throw new AppError('invalid_input', 'The input is nested too deeply.');
  const parsed = CONTRACT[name].input.safeParse(value);
  if (!parsed.success) throw firstIssue(parsed.error);
  return parsed.data as ParsedInput<N>;
}

/** Runs one call: parse, handle, check the answer, and turn whatever happens into a `Result`. Exported for tests without a window. */
export async function answer<N extends CallName>(
  name: N,
  raw: unknown,
  handlers: Handlers,
  ports: RouterPorts,
): Promise<string> {
  let result: Result<unknown>;
  try {
    const input = parseInput(name, raw);
    ports.guard(name, input);
    const output = await handlers[name](input);
    const checked = CONTRACT[name].output.safeParse(output);
    if (!checked.success)
      throw new Error(
        `${name} answered something its contract does not allow: ${checked.error.issues.map((issue) => issue.path.join('.')).join(', ')}`,
      );
    result = { ok: true, value: checked.data };
  } catch (error) {
    result = { ok: false, error: toErrorData(name, error, ports) };
  }
  return JSON.stringify(result);
}

function toErrorData(name: CallName, error: unknown, ports: RouterPorts): ErrorData {
  if (error instanceof AppError) return error.toData();
  ports.onUnexpected(name, error);
  return {
    code: 'internal',
    message: 'Something unexpected happened in Patchbay. The log has the details; try again, or restart the app.',
  };
}

/** Registers every call of the contract once. No other file may touch ipcMain. */
export function registerCalls(handlers: Handlers, ports: RouterPorts): void {
  for (const name of CALLS) {
    ipcMain.handle(name, async (event, raw: unknown) => {
      if (!isTrustedSender(event)) {
        ports.onRefusedSender(name);
        const refused: Result<never> = {
          ok: false,
          error: { code: 'refused_sender', message: 'Only Patchbay’s own window may do this.' },
        };
        return JSON.stringify(refused);
      }
      return answer(name, raw, handlers, ports);
    });
  }
}
