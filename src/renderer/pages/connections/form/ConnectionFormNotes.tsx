import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { limitSentence } from '../../../../shared/limits.ts';
import { ErrorNote, Note } from '../../../components/ErrorNote.tsx';
import { go } from '../../../routes.ts';
import { openDialog } from '../../../stores/dialogs.ts';
import { useSession } from '../../../stores/session.ts';
import { formatAgo } from '../../../text/format.ts';
import { safeText } from '../../../text/safe-text.ts';
import classes from './ConnectionDialog.module.css';
import type { ConnectionForm } from './use-connection-form.ts';
import { useFullSlots } from './use-slots.ts';

/** Says that the form begins with a draft, and throws it away on request. */
export function DraftNote({ keptAt, onDiscard }: { keptAt: string; onDiscard: () => void }) {
  return (
    <Note
      action={
        <Button size="compact-xs" variant="default" onClick={onDiscard}>
          Discard
        </Button>
      }
    >
      This is your draft, kept {formatAgo(keptAt, Date.now())}. Secrets are never kept.
    </Note>
  );
}

/** People of the practice tenant to log in as. */
export function PracticeNote({ form }: { form: ConnectionForm }) {
  const users = form.practice?.users ?? [];
  if (users.length === 0 || !form.method.interactive) return null;
  return (
    <Note>
      Practice people to log in as:
      <ul className={classes.people}>
        {users.map((user) => (
          <li key={user.email}>
            {user.name}: <code>{user.email}</code>, password <code>{user.password}</code>
          </li>
        ))}
      </ul>
    </Note>
  );
}

/** Said before the form is filled in: the tenant's limit allows no further connection of this connector. */
export function SlotNote({ form, onLeave }: { form: ConnectionForm; onLeave: () => void }) {
  const slot = useFullSlots()(form.connector);
  const tenantName = useSession((state) => state.tenant?.name ?? '');
  if (form.row !== null || slot === null) return null;
  return (
    <Note
      kind="warning"
      action={
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            onLeave();
            go({ page: 'settings', section: 'tenant' });
          }}
        >
          Open the limits
        </Button>
      }
    >
      {safeText(limitSentence(tenantName, slot), 600)}
    </Note>
  );
}

/** What is wrong with the form as a whole, with its remedy where there is one. */
export function FormProblem({ form, onReAuthorize }: { form: ConnectionForm; onReAuthorize: () => void }) {
  const { errors } = form;
  const isVaultClosed = errors.code === 'vault_locked' || errors.code === 'vault_unavailable';
  if (errors.form === undefined) return null;
  return (
    <ErrorNote message={errors.form}>
      {isVaultClosed && <VaultRemedy isLocked={errors.code === 'vault_locked'} />}
      {errors.remedy === 'reAuthorize' && <Remedy onClick={onReAuthorize}>Re-Authorize</Remedy>}
    </ErrorNote>
  );
}

function VaultRemedy({ isLocked }: { isLocked: boolean }) {
  return (
    <Remedy onClick={() => openDialog({ kind: isLocked ? 'unlockVault' : 'protectVault' })}>
      {isLocked ? 'Unlock vault' : 'Set a passphrase'}
    </Remedy>
  );
}

function Remedy({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <Button size="compact-sm" variant="default" mt={6} display="block" onClick={onClick}>
      {children}
    </Button>
  );
}
