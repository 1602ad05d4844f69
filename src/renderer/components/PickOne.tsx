import '../theme/more-styles.ts';
import { Select } from '@mantine/core';
import { foldedFilter } from './folded-filter.ts';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface PickOneProps {
  readonly label: string;
  readonly placeholder: string;
  readonly choices: readonly Choice[];
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
  readonly width?: number;
  /** One is always chosen. */
  readonly isFixed?: boolean;
}

/** Longest list drawn at once; the search finds the rest. */
const MOST_OPTIONS = 100;

/** A filter over many: type to find, clear to have all. */
export function PickOne({ label, placeholder, choices, value, onChange, width = 220, isFixed = false }: PickOneProps) {
  return (
    <Select
      aria-label={label}
      placeholder={placeholder}
      data={choices.map((choice) => ({ ...choice }))}
      value={value}
      onChange={onChange}
      searchable
      clearable={!isFixed}
      allowDeselect={!isFixed}
      limit={MOST_OPTIONS}
      filter={foldedFilter}
      nothingFoundMessage="Nothing has this name"
      w={width}
      size="sm"
      comboboxProps={{ transitionProps: { duration: 0 } }}
      clearButtonProps={{ 'aria-label': `Clear: ${label}` }}
    />
  );
}
