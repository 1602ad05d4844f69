/** The log-in window's own session: in memory, for one flow, with nothing granted, emptied at the end. */
import { randomUUID } from 'node:crypto';
import { type CallbackResponse, type OnBeforeRequestListenerDetails, type Session, session } from 'electron';
import { isFromOwnAuthority, UNKNOWN_AUTHORITY } from './own-authorities.ts';

/** What a page asked for and never gets in this window. */
export type Refused = 'download' | 'permission' | 'certificate' | 'password' | 'window';

/**
 * @param judge answers every request of the window before it leaves the machine; true = let it go
 * @param onRefused told of what the page asked for in vain, so that the person is not left waiting
 * @param ca PEM of authorities trusted besides the public ones
 */
export function makeSession(
  judge: (details: OnBeforeRequestListenerDetails) => boolean | Promise<boolean>,
  onRefused: (what: Refused) => void,
  ca: readonly string[] = [],
): Session {
  // Without "persist:" it has no folder; the name is never used twice, so two flows share nothing.
  const made = session.fromPartition(`authorization-${randomUUID()}`, { cache: false });
  made.setPermissionRequestHandler((_contents, _permission, answer) => {
    answer(false);
    onRefused('permission');
  });
  made.setPermissionCheckHandler(() => false);
  made.setDevicePermissionHandler(() => false);
  made.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  made.setSpellCheckerEnabled(false);
  // -3: Chromium's own verdict; 0: trusted. Nothing but "unknown authority" is ever overruled.
  if (ca.length > 0)
    made.setCertificateVerifyProc((request, answer) =>
      answer(request.errorCode === UNKNOWN_AUTHORITY && isFromOwnAuthority(request, ca, Date.now()) ? 0 : -3),
    );
  made.on('will-download', (event) => {
    event.preventDefault();
    onRefused('download');
  });
  for (const name of ['select-hid-device', 'select-serial-port', 'select-usb-device'] as const) {
    made.on(name as 'select-hid-device', (event, _details, answer) => {
      event.preventDefault();
      answer('');
    });
  }
  made.webRequest.onBeforeRequest({ urls: ['<all_urls>'] }, (details, answer) => void decide(judge, details, answer));
  return made;
}

async function decide(
  judge: (details: OnBeforeRequestListenerDetails) => boolean | Promise<boolean>,
  details: OnBeforeRequestListenerDetails,
  answer: (response: CallbackResponse) => void,
): Promise<void> {
  let isAllowed = false;
  try {
    isAllowed = await judge(details);
  } finally {
    answer({ cancel: !isAllowed });
  }
}

/** Leaves nothing of the log-in behind, not even in memory. */
export async function emptySession(used: Session): Promise<void> {
  used.webRequest.onBeforeRequest(null);
  await used.closeAllConnections();
  await used.clearStorageData();
  await used.clearCache();
  await used.clearAuthCache();
  await used.clearHostResolverCache();
}
