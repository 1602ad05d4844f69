import { MultiSelect, Radio, Select } from '@mantine/core';
import { useMemo } from 'react';
import type { ConnectionId } from '../../../shared/ids.ts';
import { calls } from '../../bridge.ts';
import { ErrorNote, Note } from '../../components/ErrorNote.tsx';
import { fieldError } from '../../components/FieldError.tsx';
import { foldedFilter } from '../../components/folded-filter.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { useConnections } from '../../stores/connections.ts';
import { useSession } from '../../stores/session.ts';
import { safeText } from '../../text/safe-text.ts';
import { destinationFit } from './destination-fit.ts';
import type { JobErrors, JobFormValues } from './form.ts';
import classes from './JobForm.module.css';

interface DestinationFieldsProps {
  readonly values: JobFormValues;
  readonly errors: JobErrors;
  readonly onChange: (part: Partial<JobFormValues>) => void;
}

const NO_TRANSITION = { transitionProps: { duration: 0 } };

function useDestinations() {
  const rows = useConnections((state) => state.rows);
  const connectorById = useSession((state) => state.connectorById);
  return useMemo(
    () =>
      [...rows.values()]
        .filter((row) => connectorById.get(row.connection.connectorId)?.canBeDestination)
        .map((row) => ({ value: row.connection.id as string, label: safeText(row.connection.name) })),
    [rows, connectorById],
  );
}

/** Where the rows go: kept here only, or also loaded into a Gainsight object. */
export function DestinationFields({ values, errors, onChange }: DestinationFieldsProps) {
  const choices = useDestinations();
  return (
    <section aria-label="Destination">
      <Radio.Group
        label="Destination"
        error={fieldError(errors.destination)}
        value={values.destinationKind}
        onChange={(kind) =>
          onChange({
            destinationKind: kind === 'cache' ? 'cache' : 'connection',
            destinationConnectionId:
              values.destinationConnectionId || (choices.length === 1 ? (choices[0]?.value ?? '') : ''),
          })
        }
      >
        <div className={classes.radios}>
          <Radio value="cache" label="Local cache only" />
          <Radio value="connection" label="A Gainsight object" />
        </div>
      </Radio.Group>
      {values.destinationKind === 'connection' &&
        (choices.length === 0 ? (
          <Note>No connection can be loaded through yet. Create a Gainsight API connection first.</Note>
        ) : (
          <TargetFields values={values} errors={errors} onChange={onChange} choices={choices} />
        ))}
    </section>
  );
}

function TargetFields({
  values,
  errors,
  onChange,
  choices,
}: DestinationFieldsProps & { choices: ReturnType<typeof useDestinations> }) {
  const id = useConnections((state) => state.rows.get(values.destinationConnectionId)?.connection.id);
  const objects = useAnswer(
    id ? `objects/${id}` : null,
    async () => (await calls.connections.objects({ id: id as ConnectionId, role: 'destination' })).objects,
  );
  const known = (objects.value ?? []).map((object) => ({ value: object.name, label: safeText(object.label) }));
  const objectData =
    values.destinationObject === '' || known.some((each) => each.value === values.destinationObject)
      ? known
      : [{ value: values.destinationObject, label: values.destinationObject }, ...known];
  const { destinationObject: object } = values;
  const fields = useAnswer(id && object !== '' ? `fields/${id}/${object}` : null, async () => {
    const answer = await calls.connections.fields({ id: id as ConnectionId, role: 'destination', object });
    return answer.fields;
  });
  const fit = destinationFit(values.mapping, fields.value);
  const targets = [...new Set([...fit.matching, ...values.destinationKeys])];
  return (
    <>
      <div className={classes.three} style={{ marginTop: 12 }}>
        <Select
          label="Load through"
          data={choices}
          value={values.destinationConnectionId || null}
          error={fieldError(errors['destination.connectionId'])}
          onChange={(connectionId) => onChange({ destinationConnectionId: connectionId ?? '', destinationObject: '' })}
          comboboxProps={NO_TRANSITION}
        />
        <Select
          label="Destination object"
          data={objectData}
          value={values.destinationObject || null}
          placeholder={objects.isLoading ? 'Reading the objects…' : ''}
          error={fieldError(errors['destination.object'])}
          onChange={(object) => onChange({ destinationObject: object ?? '' })}
          searchable
          limit={200}
          filter={foldedFilter}
          comboboxProps={NO_TRANSITION}
        />
        <MultiSelect
          label="Match keys"
          data={targets}
          searchable
          limit={200}
          filter={foldedFilter}
          value={[...values.destinationKeys]}
          maxValues={3}
          error={fieldError(errors['destination.keys'])}
          onChange={(keys) => onChange({ destinationKeys: keys })}
          comboboxProps={NO_TRANSITION}
        />
      </div>
      <div className={classes.notes}>
        {objects.error && <ErrorNote message={objects.error.message} />}
        {fields.error && <ErrorNote message={fields.error.message} />}
        {fit.stray.length > 0 && (
          <Note kind="warning">
            {safeText(object)} has no field {safeText(fit.stray.join(', '), 600)}. Rename or remove what it does not
            have, or the rows are refused.
          </Note>
        )}
        {fit.missing.length > 0 && (
          <Note kind="warning">
            {safeText(object)} requires {safeText(fit.missing.join(', '), 600)}, which no column of the mapping fills.
          </Note>
        )}
      </div>
    </>
  );
}
