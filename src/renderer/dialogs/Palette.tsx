import '../theme/more-styles.ts';
import { Modal, TextInput } from '@mantine/core';
import { type KeyboardEvent, useDeferredValue, useId, useMemo, useRef, useState } from 'react';
import { IconSearch } from '../components/icons.ts';
import { Part } from '../components/Part.tsx';
import { useConnections } from '../stores/connections.ts';
import { type Command, commandsFor } from './commands.ts';
import type { DialogProps } from './dialog-props.ts';
import classes from './Palette.module.css';

/**
 * Any page, connection or action by its name. Our own instead of Mantine's spotlight, whose list tells a screen reader
 * neither that it is one nor which line is chosen.
 */
export function Palette({ isTop, onClose }: DialogProps<'palette'>) {
  const id = useId();
  const rows = useConnections((state) => state.rows);
  const [search, setSearch] = useState('');
  const [at, setAt] = useState(0);
  const words = useDeferredValue(search);
  const commands = useMemo(() => commandsFor(words, rows.values()), [words, rows]);
  const list = useRef<HTMLDivElement>(null);
  const chosen = commands[Math.min(at, commands.length - 1)];

  const run = (command: Command): void => {
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && commands.length > 0) {
      event.preventDefault();
      const next = (Math.min(at, commands.length - 1) + step + commands.length) % commands.length;
      setAt(next);
      list.current?.querySelectorAll('[role="option"]')[next]?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // Enter may come before the list has followed the last letters.
      const current = words === search ? chosen : commandsFor(search, rows.values())[0];
      if (current) run(current);
    }
  };

  return (
    <Modal.Root
      opened
      onClose={onClose}
      padding={0}
      size={600}
      yOffset="12vh"
      trapFocus={isTop}
      closeOnEscape={isTop}
      returnFocus={false}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content aria-label="Command palette">
        <TextInput
          aria-label="Go to a page, connection or action"
          placeholder="Go to a page, connection or action"
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen ? `${id}-${chosen.id}` : undefined}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          leftSection={<IconSearch size={18} aria-hidden="true" />}
          classNames={{ input: classes.input ?? '' }}
          size="md"
          variant="unstyled"
          maxLength={300}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <Part ref={list} id={`${id}-list`} role="listbox" aria-label="Results" className={classes.list}>
          {commands.map((command) => (
            <Part
              key={command.id}
              id={`${id}-${command.id}`}
              role="option"
              aria-selected={command === chosen}
              className={classes.option}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => run(command)}
            >
              <bdi className={classes.label}>{command.label}</bdi>
              <bdi className={classes.detail}>{command.detail}</bdi>
            </Part>
          ))}
        </Part>
        {commands.length === 0 && (
          <p className={classes.none} role="status">
            Nothing has this name.
          </p>
        )}
      </Modal.Content>
    </Modal.Root>
  );
}
