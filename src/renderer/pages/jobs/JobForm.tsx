import { Button, NativeSelect, NumberInput, Radio, Select, TextInput } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { SourceField, SourceObject } from '../../../shared/connector.ts';
import type { ConnectionId } from '../../../shared/ids.ts';
import { FULL_PASS_DAYS } from '../../../shared/job/job.ts';
import { calls } from '../../bridge.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { fieldError } from '../../components/FieldError.tsx';
import { foldedFilter } from '../../components/folded-filter.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { useConnections } from '../../stores/connections.ts';
import { safeText } from '../../text/safe-text.ts';
import { useConnectionChoices } from '../use-choices.ts';
import { DestinationFields } from './DestinationFields.tsx';
import { type JobErrors, type JobFormValues, withAllFields, withObject } from './form.ts';
import classes from './JobForm.module.css';
import { MappingTable } from './MappingTable.tsx';

interface JobFormProps {
  readonly values: JobFormValues;
  readonly errors: JobErrors;
  readonly isExisting: boolean;
  readonly onChange: (part: Partial<JobFormValues>) => void;
}

/** What may be asked of a connection of this id, if it is one. */
function useSource(connectionId: string, object: string) {
  const id = useConnections((state) => state.rows.get(connectionId)?.connection.id);
  const objects = useAnswer(
    id ? `objects/${id}` : null,
    async () => (await calls.connections.objects({ id: id as ConnectionId, role: 'source' })).objects,
  );
  const fields = useAnswer(
    id && object !== '' ? `fields/${id}/${object}` : null,
    async () => (await calls.connections.fields({ id: id as ConnectionId, role: 'source', object })).fields,
  );
  return { objects, fields };
}

function objectChoices(objects: readonly SourceObject[] | null, current: string) {
  const choices = (objects ?? []).map((object) => ({
    value: object.name,
    label: safeText(object.label === object.name ? object.name : `${object.label} (${object.name})`),
  }));
  return current === '' || choices.some((choice) => choice.value === current)
    ? choices
    : [{ value: current, label: safeText(current) }, ...choices];
}

export function JobForm({ values, errors, isExisting, onChange }: JobFormProps) {
  const { objects, fields } = useSource(values.connectionId, values.sourceObject);
  const connections = useConnectionChoices(values.connectionId === '' ? undefined : values.connectionId);
  const known: readonly SourceField[] = fields.value ?? [];
  const chooseObject = (object: string | null): void => {
    onChange({ sourceObject: object ?? '', ...(isExisting ? {} : { mapping: [], keyColumn: '', cursorField: '' }) });
  };
  usePrefill(fields.value, values, onChange);

  return (
    <div className={classes.form}>
      {errors.form && <ErrorNote message={errors.form} />}
      <div className={classes.three}>
        <TextInput
          label="Name of the Job"
          value={values.name}
          error={fieldError(errors.name)}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          autoComplete="off"
          data-autofocus
        />
        <Select
          label="Source connection"
          data={connections.map((choice) => ({ ...choice }))}
          value={values.connectionId || null}
          error={fieldError(errors.connectionId)}
          readOnly={isExisting}
          onChange={(connectionId) =>
            onChange({
              connectionId: connectionId ?? '',
              sourceObject: '',
              ...(isExisting ? {} : { mapping: [], keyColumn: '', cursorField: '' }),
            })
          }
          searchable
          limit={100}
          filter={foldedFilter}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
        <Select
          label="Source object"
          data={objectChoices(objects.value, values.sourceObject)}
          value={values.sourceObject || null}
          error={fieldError(errors.sourceObject)}
          disabled={values.connectionId === ''}
          placeholder={objects.isLoading ? 'Reading the objects…' : ''}
          onChange={chooseObject}
          searchable
          limit={200}
          filter={foldedFilter}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
      </div>
      {objects.error && <ErrorNote message={objects.error.message} />}
      {fields.error && <ErrorNote message={fields.error.message} />}
      <MappingSection values={values} errors={errors} fields={known} onChange={onChange} />
      <ReadingFields values={values} errors={errors} fields={known} onChange={onChange} />
      <DestinationFields values={values} errors={errors} onChange={onChange} />
    </div>
  );
}

/** The fields of an object that was just chosen map themselves; what is mapped already is left alone. */
function usePrefill(
  fields: readonly SourceField[] | null,
  values: JobFormValues,
  onChange: (part: Partial<JobFormValues>) => void,
): void {
  const latest = useRef({ values, onChange });
  latest.current = { values, onChange };
  useEffect(() => {
    const { values: now, onChange: change } = latest.current;
    if (!fields || now.mapping.length > 0) return;
    const { mapping, keyColumn, cursorField, mode } = withObject(now, fields);
    change({ mapping, keyColumn, cursorField, mode });
  }, [fields]);
}

interface SectionProps {
  readonly values: JobFormValues;
  readonly errors: JobErrors;
  readonly fields: readonly SourceField[];
  readonly onChange: (part: Partial<JobFormValues>) => void;
}

function MappingSection({ values, errors, fields, onChange }: SectionProps) {
  const mapAll = (): void => {
    const filled = withObject({ ...values, mapping: withAllFields(values.mapping, fields) }, fields);
    onChange({
      mapping: filled.mapping,
      keyColumn: filled.keyColumn,
      cursorField: filled.cursorField,
      mode: filled.mode,
    });
  };
  return (
    <section aria-label="Mapping">
      <div className={classes.head}>
        <h3>Mapping</h3>
        <Button size="compact-sm" variant="default" disabled={fields.length === 0} onClick={mapAll}>
          Map all fields
        </Button>
      </div>
      {errors.mapping && <ErrorNote message={errors.mapping} />}
      <MappingTable
        rows={values.mapping}
        fields={fields}
        errors={errors}
        onChange={(mapping) => onChange({ mapping })}
      />
    </section>
  );
}

function columnChoices(values: JobFormValues) {
  const targets = values.mapping.map((row) => row.target.trim()).filter(Boolean);
  const all = values.keyColumn === '' || targets.includes(values.keyColumn) ? targets : [values.keyColumn, ...targets];
  return [
    { value: '', label: 'Choose a column' },
    ...[...new Set(all)].map((target) => ({ value: target, label: target })),
  ];
}

function cursorChoices(values: JobFormValues, fields: readonly SourceField[]) {
  const names = fields.filter((field) => field.isCursor || field.type === 'datetime').map((field) => field.name);
  const all = values.cursorField === '' || names.includes(values.cursorField) ? names : [values.cursorField, ...names];
  return [{ value: '', label: 'Choose a field' }, ...all.map((name) => ({ value: name, label: safeText(name) }))];
}

const MODE_NOTES = {
  full: 'Each run reads everything and marks records that are gone.',
  incremental: `Each run reads what changed. Incremental does not notice deleted records; once in ${FULL_PASS_DAYS} days a run reads everything and marks them as gone.`,
} as const;

function ReadingFields({ values, errors, fields, onChange }: SectionProps) {
  return (
    <section aria-label="Reading" className={classes.reading}>
      <NativeSelect
        label="Key column"
        description="Its value identifies a record."
        data={columnChoices(values)}
        value={values.keyColumn}
        error={fieldError(errors.keyColumn)}
        onChange={(event) => onChange({ keyColumn: event.currentTarget.value })}
      />
      <Radio.Group
        label="Mode"
        description={MODE_NOTES[values.mode]}
        value={values.mode}
        onChange={(mode) => onChange({ mode: mode === 'full' ? 'full' : 'incremental' })}
      >
        <div className={classes.radios}>
          <Radio value="full" label="Full" />
          <Radio value="incremental" label="Incremental" />
        </div>
      </Radio.Group>
      {values.mode === 'incremental' && (
        <>
          <NativeSelect
            label="Cursor field"
            description="Says when a record changed."
            data={cursorChoices(values, fields)}
            value={values.cursorField}
            error={fieldError(errors.cursorField)}
            onChange={(event) => onChange({ cursorField: event.currentTarget.value })}
          />
          <NumberInput
            label="Look back, seconds"
            description="Read again behind the cursor."
            min={0}
            max={31_536_000}
            value={values.lookbackSeconds}
            error={fieldError(errors.lookbackSeconds)}
            onChange={(seconds) => onChange({ lookbackSeconds: Number(seconds) || 0 })}
            hideControls
          />
        </>
      )}
    </section>
  );
}
