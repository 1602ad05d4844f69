import { Autocomplete, Button, Checkbox, CloseButton, NativeSelect, TextInput } from '@mantine/core';
import { Fragment, useEffect, useState } from 'react';
import { columnTypeSchema, type SourceField } from '../../../shared/connector.ts';
import { fieldError } from '../../components/FieldError.tsx';
import { foldedFilter } from '../../components/folded-filter.ts';
import { IconPlus } from '../../components/icons.ts';
import { formatCount } from '../../text/format.ts';
import { type JobErrors, newRow, OPERATION_NAMES, OPERATIONS } from './form.ts';
import { MappingRules } from './MappingRules.tsx';
import classes from './MappingTable.module.css';
import type { MappingKind, MappingRow } from './mapping-row.ts';
import { changedRow } from './type-rules.ts';

const KINDS: readonly { value: MappingKind; label: string }[] = [
  { value: 'direct', label: 'Source field' },
  { value: 'constant', label: 'Constant' },
  { value: 'derived', label: 'Derived' },
];
const TYPES = [...columnTypeSchema.options];

interface MappingTableProps {
  readonly rows: readonly MappingRow[];
  readonly fields: readonly SourceField[];
  readonly errors: JobErrors;
  readonly onChange: (rows: readonly MappingRow[]) => void;
}

/** Rows drawn at once: each is five controls, and an object can have 2,000 fields. */
const PAGE = 100;

/** Where the page begins that has the first error; null without one. */
function pageOfError(errors: JobErrors): number | null {
  const rows = Object.keys(errors).flatMap((path) => /^mapping\.(\d+)\./.exec(path)?.[1] ?? []);
  return rows.length === 0 ? null : Math.floor(Math.min(...rows.map(Number)) / PAGE) * PAGE;
}

/** What goes where: one row per target column. */
export function MappingTable({ rows, fields, errors, onChange }: MappingTableProps) {
  const change = (key: number, part: Partial<MappingRow>): void =>
    onChange(rows.map((row) => (row.key === key ? changedRow(row, part, fields) : row)));
  const fieldNames = fields.map((field) => field.name);
  const [wanted, setStart] = useState(0);
  const start = wanted < rows.length ? wanted : Math.floor(Math.max(0, rows.length - 1) / PAGE) * PAGE;
  const errorPage = pageOfError(errors);
  useEffect(() => {
    if (errorPage !== null) setStart(errorPage);
  }, [errorPage]);
  return (
    <>
      <table className={classes.table} aria-label="Field mapping">
        <thead>
          <tr>
            <th scope="col">Target column</th>
            <th scope="col">Type</th>
            <th scope="col">Filled from</th>
            <th scope="col">Value</th>
            <th scope="col">Required</th>
            <th scope="col">
              <span className="pb-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(start, start + PAGE).map((row, at) => {
            const index = start + at;
            return (
              <Fragment key={row.key}>
                <MappingLine
                  row={row}
                  number={index + 1}
                  fieldNames={fieldNames}
                  targetError={errors[`mapping.${index}.target`]}
                  valueError={
                    errors[`mapping.${index}.from.path`] ??
                    errors[`mapping.${index}.from.paths`] ??
                    errors[`mapping.${index}.from.value`]
                  }
                  onChange={(part) => change(row.key, part)}
                  onRemove={() => onChange(rows.filter((other) => other.key !== row.key))}
                />
                <MappingRules
                  row={row}
                  number={index + 1}
                  fields={fields}
                  formatsError={errors[`mapping.${index}.formats`]}
                  timeZoneError={errors[`mapping.${index}.timeZone`]}
                  onChange={(part) => change(row.key, part)}
                />
              </Fragment>
            );
          })}
        </tbody>
      </table>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconPlus size={14} aria-hidden="true" />}
        onClick={() => {
          onChange([...rows, newRow()]);
          setStart(Math.floor(rows.length / PAGE) * PAGE);
        }}
      >
        Add a row
      </Button>
      {rows.length > PAGE && <Pager start={start} total={rows.length} onStart={setStart} />}
    </>
  );
}

function Pager({ start, total, onStart }: { start: number; total: number; onStart: (start: number) => void }) {
  return (
    <div className={classes.pager}>
      <span className="pb-num">
        Rows {formatCount(start + 1)} to {formatCount(Math.min(start + PAGE, total))} of {formatCount(total)}
      </span>
      <Button size="compact-sm" variant="default" disabled={start === 0} onClick={() => onStart(start - PAGE)}>
        Previous rows
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        disabled={start + PAGE >= total}
        onClick={() => onStart(start + PAGE)}
      >
        Next rows
      </Button>
    </div>
  );
}

interface MappingLineProps {
  readonly row: MappingRow;
  readonly number: number;
  readonly fieldNames: readonly string[];
  readonly targetError: string | undefined;
  readonly valueError: string | undefined;
  readonly onChange: (part: Partial<MappingRow>) => void;
  readonly onRemove: () => void;
}

function MappingLine({ row, number, fieldNames, targetError, valueError, onChange, onRemove }: MappingLineProps) {
  return (
    <tr>
      <td>
        <TextInput
          size="xs"
          aria-label={`Target column, row ${number}`}
          value={row.target}
          error={fieldError(targetError)}
          onChange={(event) => onChange({ target: event.currentTarget.value })}
          spellCheck={false}
        />
      </td>
      <td>
        <NativeSelect
          size="xs"
          aria-label={`Type, row ${number}`}
          data={TYPES}
          value={row.type}
          onChange={(event) => onChange({ type: columnTypeSchema.parse(event.currentTarget.value) })}
        />
      </td>
      <td>
        <NativeSelect
          size="xs"
          aria-label={`Filled from, row ${number}`}
          data={KINDS.map((kind) => ({ ...kind }))}
          value={row.kind}
          onChange={(event) => onChange({ kind: kindOf(event.currentTarget.value) })}
        />
      </td>
      <td>
        <ValueCell row={row} number={number} fieldNames={fieldNames} error={valueError} onChange={onChange} />
      </td>
      <td className={classes.centre}>
        <Checkbox
          aria-label={`Required, row ${number}`}
          checked={row.required}
          onChange={(event) => onChange({ required: event.currentTarget.checked })}
        />
      </td>
      <td>
        <CloseButton size="sm" aria-label={`Remove row ${number}`} onClick={onRemove} />
      </td>
    </tr>
  );
}

function kindOf(text: string): MappingKind {
  return KINDS.find((kind) => kind.value === text)?.value ?? 'direct';
}

function ValueCell({
  row,
  number,
  fieldNames,
  error,
  onChange,
}: Pick<MappingLineProps, 'row' | 'number' | 'fieldNames' | 'onChange'> & { error: string | undefined }) {
  const [isOpen, setOpen] = useState(false);
  if (row.kind === 'direct') {
    return (
      <Autocomplete
        size="xs"
        aria-label={`Source field, row ${number}`}
        // Only the list that somebody looks at is made: a hundred of 2,000 names each would take a while at every key.
        data={isOpen ? [...fieldNames] : []}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        value={row.text}
        limit={100}
        filter={foldedFilter}
        error={fieldError(error)}
        onChange={(text) => onChange({ text })}
        comboboxProps={{ transitionProps: { duration: 0 } }}
        spellCheck={false}
      />
    );
  }
  if (row.kind === 'constant') {
    return (
      <TextInput
        size="xs"
        aria-label={`Constant, row ${number}`}
        value={row.text}
        placeholder="Empty"
        error={fieldError(error)}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
      />
    );
  }
  return (
    <div className={classes.derived}>
      <NativeSelect
        size="xs"
        aria-label={`Operation, row ${number}`}
        data={OPERATIONS.map((operation) => ({ value: operation, label: OPERATION_NAMES[operation] }))}
        value={row.operation}
        onChange={(event) =>
          onChange({ operation: OPERATIONS.find((operation) => operation === event.currentTarget.value) ?? 'join' })
        }
      />
      <TextInput
        size="xs"
        aria-label={`Source fields, row ${number}`}
        placeholder="First, Last"
        value={row.text}
        error={fieldError(error)}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        spellCheck={false}
      />
      {row.operation === 'join' && (
        <TextInput
          size="xs"
          w={56}
          aria-label={`Separator, row ${number}`}
          value={row.separator}
          maxLength={20}
          onChange={(event) => onChange({ separator: event.currentTarget.value })}
        />
      )}
    </div>
  );
}
