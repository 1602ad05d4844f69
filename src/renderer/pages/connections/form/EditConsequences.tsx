import { useEffect, useState } from 'react';
import type { EditPreview } from '../../../../shared/ipc/contract/credentials.ts';
import { calls } from '../../../bridge.ts';
import { Note } from '../../../components/ErrorNote.tsx';
import { safeText } from '../../../text/safe-text.ts';
import classes from './EditConsequences.module.css';
import { toInput } from './form.ts';
import type { ConnectionForm } from './use-connection-form.ts';

const PAUSE_MS = 250;

/** What saving would change, and whether it ends the authorization; asked of main while somebody types. */
export function EditConsequences({ form }: { form: ConnectionForm }) {
  const preview = useEditPreview(form);
  if (preview === null || (preview.changes.length === 0 && preview.why === '')) return null;
  const { changes, needsAuthorization, why } = preview;
  return (
    <section className={classes.box} aria-label="What changes">
      <h3 className={classes.title}>What changes</h3>
      {changes.length > 0 && (
        <dl className={classes.changes}>
          {changes.map(({ field, before, after }) => (
            <div key={field}>
              <dt>{field}</dt>
              <dd>
                <del>{safeText(before, 200)}</del> <ins>{safeText(after, 200)}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {why !== '' && (
        <Note kind="warning">
          {safeText(why, 600)}
          {needsAuthorization && ' Saving ends the present authorization and asks for a new one.'}
        </Note>
      )}
    </section>
  );
}

function useEditPreview(form: ConnectionForm): EditPreview | null {
  const { connector, values, row, isDirty } = form;
  const [preview, setPreview] = useState<EditPreview | null>(null);
  const id = row?.connection.id;
  const isWanted = id !== undefined && isDirty && form.busy === null;
  useEffect(() => {
    if (!isWanted || id === undefined) {
      setPreview(null);
      return;
    }
    let isOver = false;
    const timer = setTimeout(() => {
      calls.connections.previewUpdate({ id, input: toInput(connector, values) }).then(
        (answer) => !isOver && setPreview(answer),
        // Half-typed values: the form itself says what is wrong with them when they are sent.
        () => !isOver && setPreview(null),
      );
    }, PAUSE_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isWanted, id, connector, values]);
  return preview;
}
