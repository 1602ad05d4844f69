import { TextInput } from '@mantine/core';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import { type FullSlot, holdersOf } from '../../../../shared/limits.ts';
import { ConnectorLogo } from '../../../components/ConnectorLogo.tsx';
import { fieldError } from '../../../components/FieldError.tsx';
import { IconSearch } from '../../../components/icons.ts';
import { Part } from '../../../components/Part.tsx';
import { safeText } from '../../../text/safe-text.ts';
import classes from './ConnectorPicker.module.css';
import { groupConnectors } from './picker.ts';
import { useFullSlots } from './use-slots.ts';

interface ConnectorPickerProps {
  readonly connectors: readonly ConnectorDescriptor[];
  readonly chosen: ConnectorDescriptor | undefined;
  readonly error: string | undefined;
  /** Fixed once the connection exists. */
  readonly isFixed: boolean;
  readonly onChoose: (connector: ConnectorDescriptor) => void;
}

/** A combobox whose list is a grid by category: open until a connector is chosen, and again when its name is edited. */
export function ConnectorPicker({ connectors, chosen, error, isFixed, onChoose }: ConnectorPickerProps) {
  const baseId = useId();
  const list = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState<string | null>(chosen ? null : '');
  const [at, setAt] = useState(0);
  const isOpen = search !== null && !isFixed;
  const groups = useMemo(() => groupConnectors(connectors, search ?? ''), [connectors, search]);
  const slotOf = useFullSlots();
  const flat = groups.flatMap((group) => group.connectors);
  const active = flat[Math.min(at, flat.length - 1)];

  const choose = (connector: ConnectorDescriptor): void => {
    setSearch(null);
    setAt(0);
    onChoose(connector);
  };
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(flat.length - 1, to));
    setAt(next);
    list.current?.querySelectorAll('[role="option"]')[next]?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isFixed) return;
    if (!isOpen) {
      if (event.key === 'ArrowDown' || event.key === 'Enter') {
        event.preventDefault();
        setSearch('');
      }
      return;
    }
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 6, PageUp: at - 6 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(step);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (active) choose(active);
    } else if (event.key === 'Escape' && chosen) {
      event.stopPropagation();
      setSearch(null);
    }
  };

  return (
    <Part>
      <TextInput
        label="Connector"
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${baseId}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && active ? `${baseId}-${active.id}` : undefined}
        value={search ?? chosen?.name ?? ''}
        placeholder="Search by name or kind"
        readOnly={isFixed}
        error={fieldError(error)}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setAt(0);
        }}
        onFocus={(event) => event.currentTarget.select()}
        onClick={() => !isFixed && setSearch((before) => before ?? '')}
        onKeyDown={onKeyDown}
        leftSection={
          !isOpen && chosen ? (
            <ConnectorLogo size={20} logoPath={chosen.logoPath} monogram={chosen.monogram} />
          ) : (
            <IconSearch size={16} aria-hidden="true" />
          )
        }
        autoComplete="off"
        spellCheck={false}
        data-autofocus={chosen ? undefined : true}
      />
      <Part
        ref={list}
        id={`${baseId}-list`}
        role="listbox"
        aria-label="Systems"
        className={classes.list}
        hidden={!isOpen}
      >
        {groups.map((group) => (
          <Part key={group.category} role="group" aria-label={group.name} className={classes.group}>
            <Part className={classes.category} aria-hidden="true">
              {group.name}
            </Part>
            <Part className={classes.grid} role="presentation">
              {group.connectors.map((connector) => (
                <Option
                  key={connector.id}
                  id={`${baseId}-${connector.id}`}
                  connector={connector}
                  slot={isOpen ? slotOf(connector) : null}
                  isActive={connector === active}
                  isChosen={connector === chosen}
                  onChoose={choose}
                />
              ))}
            </Part>
          </Part>
        ))}
      </Part>
      {isOpen && flat.length === 0 && (
        <p className={classes.none} role="status">
          No connector has this name.
        </p>
      )}
    </Part>
  );
}

interface OptionProps {
  readonly id: string;
  readonly connector: ConnectorDescriptor;
  /** The limit that allows no further connection of it. */
  readonly slot: FullSlot | null;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly onChoose: (connector: ConnectorDescriptor) => void;
}

function Option({ id, connector, slot, isActive, isChosen, onChoose }: OptionProps) {
  return (
    <Part
      id={id}
      role="option"
      aria-selected={isChosen}
      aria-describedby={`${id}-summary`}
      data-active={isActive || undefined}
      className={classes.option}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => onChoose(connector)}
    >
      <ConnectorLogo logoPath={connector.logoPath} monogram={connector.monogram} />
      <span className={classes.words}>
        <span className={classes.name}>{connector.name}</span>
        <span id={`${id}-summary`} className={classes.summary} aria-hidden="true">
          {connector.summary}
          {slot && (
            <bdi className={classes.full}>
              {slot.heldBy.length} of {slot.most} {slot.what} in use
              {slot.heldBy.length > 0 && `: ${safeText(holdersOf(slot), 200)}`}. The limit is in Settings, Tenant.
            </bdi>
          )}
        </span>
      </span>
    </Part>
  );
}
