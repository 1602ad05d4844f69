import type { CallName, EventName } from './channels.ts';

type Group<N extends string> = N extends `${infer G}.${string}` ? G : never;
type Member<N extends string, G extends string> = N extends `${G}.${infer M}` ? M : never;

/** Each call is one named function that takes JSON text and answers JSON text of a `Result`; no function takes a channel name. */
export type BridgeCalls = {
  readonly [G in Group<CallName>]: { readonly [M in Member<CallName, G>]: (inputJson: string) => Promise<string> };
};
/** Each event is one named function that takes a listener of JSON text and answers its own unsubscribe. */
export type BridgeEvents = {
  readonly [G in Group<EventName>]: {
    readonly [M in Member<EventName, G>]: (listener: (payloadJson: string) => void) => () => void;
  };
};

/** The type of `window.patchbay`. */
export interface PatchbayBridge {
  readonly calls: BridgeCalls;
  readonly events: BridgeEvents;
}
