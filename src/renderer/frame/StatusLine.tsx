import type { VaultStatus } from '../../shared/vault.ts';
import { IconActivity, IconLock, IconLockOpen, IconWifi, IconWifiOff } from '../components/icons.ts';
import { hrefOf } from '../routes.ts';
import { useSession } from '../stores/session.ts';
import { formatThings } from '../text/format.ts';
import classes from './StatusLine.module.css';

export function vaultWords(vault: VaultStatus): string {
  if (vault.state === 'waiting') return 'Vault: waiting for the keyring';
  if (vault.state === 'locked') return 'Vault: locked';
  if (vault.state === 'unset' || vault.protection === 'none') return 'Vault: no passphrase yet';
  return vault.protection === 'keyring' ? 'Vault: system keyring' : 'Vault: passphrase';
}

/** Vault, network, running jobs; each leads to its page. */
export function StatusLine() {
  const app = useSession((state) => state.app);
  if (!app) return null;
  const isOpen = app.vault.state === 'unlocked';
  const isOnline = app.network === 'online';
  return (
    <div className={classes.line} role="status" aria-label="Status">
      <a
        className={classes.item}
        href={hrefOf({ page: 'settings', section: 'vault' })}
        title={app.vault.explanation}
        data-warn={!isOpen || undefined}
      >
        {isOpen ? <IconLockOpen size={14} aria-hidden="true" /> : <IconLock size={14} aria-hidden="true" />}
        <span>{vaultWords(app.vault)}</span>
      </a>
      <a
        className={classes.item}
        href={hrefOf({ page: 'settings', section: 'network' })}
        data-warn={!isOnline || undefined}
        title={isOnline ? 'Online' : 'Offline'}
      >
        {isOnline ? <IconWifi size={14} aria-hidden="true" /> : <IconWifiOff size={14} aria-hidden="true" />}
        <span>{isOnline ? 'Online' : 'Offline'}</span>
      </a>
      <a
        className={classes.item}
        href={hrefOf({ page: 'activity', tab: 'executions', status: app.runningJobs > 0 ? 'running' : undefined })}
        title={`${formatThings(app.runningJobs, 'job')} running`}
      >
        <IconActivity size={14} aria-hidden="true" />
        <span className="pb-num">
          {app.runningJobs === 0 ? 'No jobs running' : `${formatThings(app.runningJobs, 'job')} running`}
        </span>
      </a>
    </div>
  );
}
