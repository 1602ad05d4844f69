import type { ReactNode } from 'react';
import classes from './FilterTabs.module.css';
import { Part } from './Part.tsx';

export interface FilterOption<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly count?: string | undefined;
  readonly mark?: ReactNode;
}

interface FilterTabsProps<T extends string> {
  readonly label: string;
  readonly options: readonly FilterOption<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few filters, as toggle buttons in a group. */
export function FilterTabs<T extends string>({ label, options, value, onChange }: FilterTabsProps<T>) {
  return (
    <Part className={classes.group} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          className={classes.option}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.mark}
          {option.label}
          {option.count !== undefined && <span className="pb-num">{option.count}</span>}
        </button>
      ))}
    </Part>
  );
}
