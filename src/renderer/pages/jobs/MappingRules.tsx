import { Autocomplete, Button, Checkbox, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { SourceField } from '../../../shared/connector.ts';
import type { TypeLosses } from '../../../shared/job/type-losses.ts';
import { Note } from '../../components/ErrorNote.tsx';
import { fieldError } from '../../components/FieldError.tsx';
import { safeText } from '../../text/safe-text.ts';
import classes from './MappingTable.module.css';
import type { MappingRow } from './mapping-row.ts';
import { formatsOf, lossesOf, lossWords } from './type-rules.ts';

interface MappingRulesProps {
  readonly row: MappingRow;
  readonly number: number;
  readonly fields: readonly SourceField[];
  readonly formatsError: string | undefined;
  readonly timeZoneError: string | undefined;
  readonly onChange: (part: Partial<MappingRow>) => void;
}

/** Below a mapping row: how its dates are written, and what its type loses of the source's texts. Nothing for most rows. */
export function MappingRules(props: MappingRulesProps) {
  const { row, fields } = props;
  const losses = useMemo(() => lossesOf(row, fields), [row, fields]);
  // An imported mapping may have them for text that is loaded into a date.
  const isRuled = row.type === 'text' && (row.formats !== '' || row.timeZone !== '');
  const hasDates = (row.type === 'datetime' && row.kind !== 'constant') || isRuled;
  if (!hasDates && losses === null) return null;
  return (
    <tr>
      <td colSpan={6} className={classes.rules}>
        {hasDates && <DateRules {...props} isNeeded={losses !== null} />}
        {losses !== null && <Losses {...props} losses={losses} />}
      </td>
    </tr>
  );
}

function DateRules({
  row,
  number,
  formatsError,
  timeZoneError,
  onChange,
  isNeeded,
}: MappingRulesProps & { readonly isNeeded: boolean }) {
  const isWanted = isNeeded || formatsError !== undefined || timeZoneError !== undefined;
  const [isOpen, setOpen] = useState(isWanted);
  // What was opened stays open: a format that is half typed needs nothing for a moment.
  if (isWanted && !isOpen) setOpen(true);
  const zones = useMemo(() => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')], []);
  if (!isOpen)
    return (
      <Button
        size="compact-xs"
        variant="subtle"
        aria-expanded={false}
        aria-label={`Date formats and time zone, row ${number}`}
        onClick={() => setOpen(true)}
      >
        {dateWords(row)}
      </Button>
    );
  return (
    <div className={classes.dates}>
      <TextInput
        size="xs"
        label="Date formats besides ISO 8601"
        aria-label={`Date formats, row ${number}`}
        placeholder="DD/MM/YYYY; D.M.YYYY HH:mm"
        value={row.formats}
        error={fieldError(formatsError)}
        onChange={(event) => onChange({ formats: event.currentTarget.value })}
        spellCheck={false}
      />
      <Autocomplete
        size="xs"
        label="Time zone of values without one"
        description="Also decides which day a Gainsight DATE takes."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        aria-label={`Time zone, row ${number}`}
        placeholder="UTC"
        data={zones}
        limit={50}
        value={row.timeZone}
        error={fieldError(timeZoneError)}
        onChange={(timeZone) => onChange({ timeZone })}
        comboboxProps={{ transitionProps: { duration: 0 } }}
        spellCheck={false}
      />
    </div>
  );
}

function dateWords({ formats, timeZone }: MappingRow): string {
  return safeText(['ISO 8601', ...formatsOf(formats), timeZone.trim() || 'UTC'].join(', '));
}

function Losses({ row, number, losses, onChange }: MappingRulesProps & { readonly losses: TypeLosses }) {
  const canConvert = losses.becomes !== null;
  return (
    <Note
      kind="warning"
      action={
        (canConvert || row.converts) && (
          <Checkbox
            size="xs"
            label="Convert anyway"
            aria-label={`Convert anyway, row ${number}`}
            checked={row.converts}
            onChange={(event) => onChange({ converts: event.currentTarget.checked })}
          />
        )
      }
    >
      <bdi>{safeText(lossWords(losses, row.converts), 400)}</bdi>
      {canConvert && !row.converts && ' Choose the type text to keep them as they are.'}
    </Note>
  );
}
