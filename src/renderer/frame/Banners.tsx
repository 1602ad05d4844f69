import { Button, CloseButton } from '@mantine/core';
import { Note } from '../components/ErrorNote.tsx';
import { openDialog } from '../stores/dialogs.ts';
import { closeNotice, useSession, vaultObstacle } from '../stores/session.ts';
import { safeText } from '../text/safe-text.ts';
import classes from './Banners.module.css';
import { RevocationReminders, useDueReminders } from './RevocationReminders.tsx';
import { reportElsewhere } from './report.ts';

const OFFLINE = {
  real: 'Offline. Everything here can be read and edited. Logging in, testing and running jobs need the network; revocations are sent when it is back.',
  practice: 'Offline. The practice tenant works on: its servers are on this machine.',
} as const;

/** Calm lines above the page for what concerns all of it: a closed vault, no network, what happened at start. */
export function Banners() {
  const app = useSession((state) => state.app);
  const closedNotices = useSession((state) => state.closedNotices);
  const kind = useSession((state) => state.tenant?.kind);
  const reminders = useDueReminders();
  if (!app) return null;
  const notices = app.notices.filter((notice) => !closedNotices.has(notice.id));
  const obstacle = vaultObstacle(app.vault);
  if (notices.length === 0 && reminders.length === 0 && obstacle === null && app.network === 'online') return null;
  return (
    <section className={classes.banners} aria-label="Notices">
      {obstacle && <VaultBanner obstacle={obstacle} />}
      {app.network === 'offline' && <Note>{OFFLINE[kind ?? 'real']}</Note>}
      <RevocationReminders rows={reminders} />
      {notices.map((notice) => (
        <Note
          key={notice.id}
          kind={notice.kind}
          action={
            <CloseButton
              aria-label="Dismiss this notice"
              onClick={() => void closeNotice(notice.id).catch(reportElsewhere)}
            />
          }
        >
          {safeText(notice.text, 1000)}
        </Note>
      ))}
    </section>
  );
}

function VaultBanner({ obstacle }: { obstacle: 'locked' | 'unset' | 'waiting' }) {
  switch (obstacle) {
    case 'waiting':
      return <Note>Unlock your keyring to use stored credentials. Everything else works.</Note>;
    case 'locked':
      return (
        <Note
          kind="warning"
          action={
            <Button size="xs" variant="default" onClick={() => openDialog({ kind: 'unlockVault' })}>
              Unlock vault
            </Button>
          }
        >
          The vault is locked. You can read everything; authorizing and running jobs need it open.
        </Note>
      );
    case 'unset':
      return (
        <Note
          kind="warning"
          action={
            <Button size="xs" variant="default" onClick={() => openDialog({ kind: 'protectVault' })}>
              Set a passphrase
            </Button>
          }
        >
          This machine has no keyring that could protect credentials. Set a passphrase before you authorize a
          connection.
        </Note>
      );
  }
}
