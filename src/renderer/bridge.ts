/**
 * The only file that touches `window.patchbay`: calls become typed async functions that throw {@link AppError}, events
 * become typed subscriptions. Both directions are JSON text (measured: far cheaper than structured clones of many rows).
 */
import { AppError, type Result } from '../shared/app-error.ts';
import type { PatchbayBridge } from '../shared/ipc/api.ts';
import { CALLS, type CallName, EVENTS, type EventName } from '../shared/ipc/channels.ts';
import type { CallInput, CallOutput, EventPayload } from '../shared/ipc/contract.ts';

type Group<N extends string> = N extends `${infer G}.${string}` ? G : never;
type Member<N extends string, G extends string> = N extends `${G}.${infer M}` ? M : never;
type NameOf<N extends string, G extends string, M extends string> = Extract<N, `${G}.${M}`>;

type Calls = {
  readonly [G in Group<CallName>]: {
    readonly [M in Member<CallName, G>]: (
      input: CallInput<NameOf<CallName, G, M>>,
    ) => Promise<CallOutput<NameOf<CallName, G, M>>>;
  };
};
type Events = {
  readonly [G in Group<EventName>]: {
    readonly [M in Member<EventName, G>]: (
      listener: (payload: EventPayload<NameOf<EventName, G, M>>) => void,
    ) => () => void;
  };
};

declare global {
  interface Window {
    readonly patchbay: PatchbayBridge;
  }
}

function grouped(names: readonly string[], make: (group: string, member: string) => unknown): unknown {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const name of names) {
    const [group = '', member = ''] = name.split('.');
    groups[group] ??= {};
    groups[group][member] = make(group, member);
  }
  return groups;
}

type RawCalls = Readonly<Record<string, Readonly<Record<string, (inputJson: string) => Promise<string>>>>>;
type RawEvents = Readonly<
  Record<string, Readonly<Record<string, (listener: (payloadJson: string) => void) => () => void>>>
>;

async function callMain(group: string, member: string, input: unknown): Promise<unknown> {
  const send = (window.patchbay.calls as RawCalls)[group]?.[member];
  if (!send) throw new AppError('internal', `The app has no call ${group}.${member}. Restart Patchbay.`);
  const result = JSON.parse(await send(JSON.stringify(input))) as Result<unknown>;
  if (result.ok) return result.value;
  const { code, message, field, details } = result.error;
  throw new AppError(code, message, {
    ...(field === undefined ? {} : { field }),
    ...(details === undefined ? {} : { details }),
  });
}

function subscribe(group: string, member: string, listener: (payload: unknown) => void): () => void {
  const on = (window.patchbay.events as RawEvents)[group]?.[member];
  if (!on) throw new AppError('internal', `The app has no event ${group}.${member}. Restart Patchbay.`);
  return on((payloadJson) => listener(JSON.parse(payloadJson)));
}

export const calls = grouped(CALLS, (group, member) => (input: unknown) => callMain(group, member, input)) as Calls;
export const events = grouped(
  EVENTS,
  (group, member) => (listener: (payload: unknown) => void) => subscribe(group, member, listener),
) as Events;

/** Anything thrown, as the error the page can show. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', error instanceof Error ? error.message : 'Something unexpected happened.', {
    cause: error,
  });
}
