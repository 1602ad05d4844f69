import { TextInput } from '@mantine/core';
import type { KeyboardEvent, Ref } from 'react';
import { IconSearch } from './icons.ts';
import classes from './SearchBox.module.css';

interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly width?: number;
  /** Arrow down: on to the results. */
  readonly onLeave?: () => void;
}

/** Marked so that `/` finds it on whatever page is open. */
export const SEARCH_ATTRIBUTE = 'data-page-search';

export function SearchBox({ label, value, onChange, inputRef, width = 320, onLeave }: SearchBoxProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Escape' && value !== '') {
      event.stopPropagation();
      onChange('');
    }
    if (event.key === 'ArrowDown' && onLeave) {
      event.preventDefault();
      onLeave();
    }
  };
  return (
    <TextInput
      ref={inputRef ?? null}
      type="search"
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      leftSection={<IconSearch size={16} aria-hidden="true" />}
      rightSection={value === '' ? <kbd className={classes.key}>/</kbd> : null}
      rightSectionPointerEvents="none"
      w={width}
      maxLength={300}
      autoComplete="off"
      spellCheck={false}
      classNames={{ input: classes.input ?? '' }}
      {...{ [SEARCH_ATTRIBUTE]: true }}
    />
  );
}
