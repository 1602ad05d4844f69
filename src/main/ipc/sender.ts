import type { IpcMainInvokeEvent } from 'electron';
import { isAppUrl, isAppWindow } from '../windows.ts';

/**
 * Whether a message comes from the app's own page: a known window, its top frame, the exact origin. The frame is null
 * once it has navigated or is gone; unknown is refused, never let pass.
 */
export function isTrustedSender(event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>): boolean {
  const frame = event.senderFrame;
  if (frame === null || frame === undefined) return false;
  return isAppWindow(event.sender.id) && frame.parent === null && isAppUrl(frame.url);
}
