import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { JobRow } from '../../../shared/ipc/contract.ts';
import { calls, toAppError } from '../../bridge.ts';
import { AppDialog } from '../../components/AppDialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import type { DialogProps } from '../../dialogs/dialog-props.ts';
import { loadJobsOf } from '../../stores/jobs.ts';
import { checkJob, emptyJob, type JobErrors, type JobFormValues, valuesOfJob } from './form.ts';
import { JobForm } from './JobForm.tsx';
import { settingsOf } from './list.ts';

export function CreateJobDialog({ dialog, isTop, onClose }: DialogProps<'createJob'>) {
  const [start] = useState(() => emptyJob(dialog.connectionId ?? ''));
  return <JobEditor title="Create Job" start={start} row={null} isTop={isTop} onClose={onClose} />;
}

export function EditJobDialog({ dialog, isTop, onClose }: DialogProps<'editJob'>) {
  const [row, setRow] = useState<JobRow | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    calls.jobs.get({ id: dialog.id }).then(setRow, (error: unknown) => setProblem(toAppError(error).message));
  }, [dialog.id]);
  if (row)
    return (
      <JobEditor
        key={row.job.version}
        title="Edit Job"
        start={valuesOfJob(settingsOf(row.job))}
        row={row}
        isTop={isTop}
        onClose={onClose}
      />
    );
  return (
    <AppDialog title="Edit Job" isTop={isTop} onClose={onClose} size={980}>
      {problem && <ErrorNote message={problem} />}
    </AppDialog>
  );
}

interface JobEditorProps {
  readonly title: string;
  readonly start: JobFormValues;
  readonly row: JobRow | null;
  readonly isTop: boolean;
  readonly onClose: () => void;
}

const CONTROLS = /^(name|connectionId|sourceObject|mapping.*|keyColumn|cursorField|lookbackSeconds|destination.*)$/;

/** "settings.mapping.0.target" -> "mapping.0.target"; what belongs to no control stands above the form. */
function controlOf(path: string | undefined): string {
  const control = path?.replace(/^(input|settings)\./, '') ?? '';
  return CONTROLS.test(control) ? control : 'form';
}

function JobEditor({ title, start, row, isTop, onClose }: JobEditorProps) {
  const [values, setValues] = useState(start);
  const [errors, setErrors] = useState<JobErrors>({});
  const [isBusy, setBusy] = useState(false);

  const save = async (): Promise<void> => {
    const checked = checkJob(values);
    if (!checked.ok) return setErrors(checked.errors);
    setErrors({});
    setBusy(true);
    try {
      if (row) await calls.jobs.update({ id: row.job.id, version: row.job.version, settings: checked.settings });
      else await calls.jobs.create(checked.settings);
      await loadJobsOf(checked.settings.connectionId);
      onClose();
    } catch (thrown) {
      const error = toAppError(thrown);
      setErrors({ [controlOf(error.field)]: error.message });
      setBusy(false);
    }
  };

  return (
    <AppDialog
      title={title}
      isTop={isTop}
      onClose={onClose}
      size={980}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={isBusy} onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <JobForm
        values={values}
        errors={errors}
        isExisting={row !== null}
        onChange={(part) => {
          setValues((before) => ({ ...before, ...part }));
          setErrors((before) => withoutControls(before, Object.keys(part)));
        }}
      />
    </AppDialog>
  );
}

/** Errors of controls that have just been changed are old. */
function withoutControls(errors: JobErrors, controls: readonly string[]): JobErrors {
  const roots = new Set(controls.map((control) => (control.startsWith('destination') ? 'destination' : control)));
  return Object.fromEntries(
    Object.entries(errors).filter(([control]) => control !== 'form' && !roots.has(control.split('.')[0] ?? '')),
  );
}
