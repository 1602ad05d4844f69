import { Button } from '@mantine/core';
import { useState } from 'react';
import { REHEARSALS, type Rehearsal } from '../../shared/ipc/contract/credentials.ts';
import { calls, toAppError } from '../bridge.ts';
import { AppDialog } from '../components/AppDialog.tsx';
import { ErrorNote, Note } from '../components/ErrorNote.tsx';
import { useSession } from '../stores/session.ts';
import type { DialogProps } from './dialog-props.ts';
import classes from './RehearseDialog.module.css';

const WORDS: Readonly<Record<Rehearsal, { readonly label: string; readonly what: string }>> = {
  deactivateDana: {
    label: 'Deactivate Dana',
    what: 'As when the admin who authorized a connection leaves. Re-authorize as Lee; Robin is no admin everywhere.',
  },
  changeDanasPassword: {
    label: 'Change Dana’s password',
    what: 'Grants made with the old password end. The new one stands on the practice log-in page.',
  },
  endLicence: { label: 'End the licence', what: 'The systems refuse everybody until it is renewed.' },
  withdrawGrants: {
    label: 'Withdraw all grants',
    what: 'As when access is revoked at the source, for example during an investigation.',
  },
  denyApi: {
    label: 'Deny API access',
    what: 'Dana loses the permission “API Enabled” in Salesforce; other users keep it.',
  },
  denyAccount: { label: 'Deny Account', what: 'Dana may no longer read accounts; other users may.' },
  backToNormal: { label: 'Back to normal', what: 'Everybody may do everything again. Ended grants stay ended.' },
};

/** What can go wrong at a source, rehearsed on the practice systems; nothing real is touched. */
export function RehearseDialog({ isTop, onClose }: DialogProps<'rehearse'>) {
  const connectorById = useSession((state) => state.connectorById);
  const [busy, setBusy] = useState<Rehearsal | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const rehearse = async (rehearsal: Rehearsal): Promise<void> => {
    setBusy(rehearsal);
    setProblem(null);
    try {
      const { systems } = await calls.practice.rehearse({ rehearsal });
      const names = systems.map((id) => connectorById.get(id)?.name ?? id).join(', ');
      setDone(`${WORDS[rehearsal].label}: done at ${names}. It shows at the next run of a job.`);
    } catch (error) {
      setDone(null);
      setProblem(toAppError(error).message);
    } finally {
      setBusy(null);
    }
  };
  return (
    <AppDialog
      title="Rehearse"
      isTop={isTop}
      onClose={onClose}
      size={560}
      footer={
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
      }
    >
      <p className={classes.intro}>Make the practice systems behave as real ones do, and learn the way back.</p>
      <ul className={classes.list}>
        {REHEARSALS.map((rehearsal) => (
          <li key={rehearsal} className={classes.entry}>
            <Button
              className={classes.button ?? ''}
              variant="default"
              size="xs"
              loading={busy === rehearsal}
              aria-describedby={`rehearse-${rehearsal}`}
              onClick={() => void rehearse(rehearsal)}
            >
              {WORDS[rehearsal].label}
            </Button>
            <span id={`rehearse-${rehearsal}`} className={classes.what}>
              {WORDS[rehearsal].what}
            </span>
          </li>
        ))}
      </ul>
      <div role="status">{done !== null && <Note>{done}</Note>}</div>
      {problem !== null && <ErrorNote message={problem} />}
    </AppDialog>
  );
}
