import { useRef, useState } from 'react';
import { ActionMenu, type MenuAction } from './ActionMenu.tsx';
import { IconChevronDown } from './icons.ts';
import classes from './MenuButton.module.css';

interface MenuButtonProps {
  /** What is chosen by it: "Sort". */
  readonly label: string;
  /** What is chosen now. */
  readonly value: string;
  /** Something else than usual is chosen. */
  readonly isSet?: boolean;
  readonly items: () => readonly MenuAction[];
}

/** A choice of one of several, as a button that says what is chosen and opens a menu. */
export function MenuButton({ label, value, isSet = false, items }: MenuButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={classes.button}
        data-set={isSet || undefined}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
      >
        <span className={classes.label}>{label}:</span> <bdi className={classes.value}>{value}</bdi>
        <IconChevronDown size={14} aria-hidden="true" />
      </button>
      {isOpen && button.current && (
        <ActionMenu
          label={label}
          anchor={{ kind: 'element', element: button.current }}
          items={items()}
          returnFocusTo={button.current}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
