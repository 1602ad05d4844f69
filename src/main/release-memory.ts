import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Gives back what a start has left behind: reading and sending ten thousand rows leaves as much garbage as the app itself needs,
 * and an app that then waits for its user for hours does nothing that would make V8 collect it. Takes some 30 ms: for an idle moment.
 */
export function releaseStartMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  // `last-resort` also gives back the room that the start's many short-lived rows had made V8 take; older V8 knows no flavours.
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
