import { useMemo } from 'react';
import { AppDialog } from '../components/AppDialog.tsx';
import { useSession } from '../stores/session.ts';
import type { DialogProps } from './dialog-props.ts';
import classes from './ShortcutsDialog.module.css';

const SHORTCUTS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['/'], 'Search on this page'],
  [['Ctrl', 'F'], 'Search on this page, also while typing'],
  [['c'], 'Create a connection, or a job on the Jobs page'],
  [['Ctrl', 'N'], 'Create a connection from any page'],
  [['Ctrl', 'K'], 'Go to any page, connection or action'],
  [['Ctrl', '1'], 'Connections'],
  [['Ctrl', '2'], 'Jobs'],
  [['Ctrl', '3'], 'Activity'],
  [['Ctrl', '4'], 'Data'],
  [['Ctrl', ','], 'Settings'],
  [['↑', '↓'], 'Move through a list'],
  [['Enter'], 'Open the row'],
  [['Space'], 'Choose the row; with Shift and an arrow or a click, several'],
  [['Ctrl', 'A'], 'Choose all rows that are shown'],
  [['Shift', 'F10'], 'Menu of the row; the menu key and the right button too'],
  [['Esc'], 'Close the topmost thing, clear the search or the choice'],
  [['?'], 'Show these shortcuts'],
];

/** The keys as this system's keyboards have them. */
function keysOf(platform: string): (key: string) => string {
  return platform.startsWith('darwin') ? (key) => (key === 'Ctrl' ? '⌘' : key) : (key) => key;
}

export function ShortcutsDialog({ isTop, onClose }: DialogProps<'shortcuts'>) {
  const platform = useSession((state) => state.info?.platform ?? '');
  const named = useMemo(() => keysOf(platform), [platform]);
  return (
    <AppDialog title="Keyboard shortcuts" isTop={isTop} onClose={onClose} size={760}>
      <dl className={classes.list} tabIndex={0}>
        {SHORTCUTS.map(([keys, what]) => (
          <div key={what} className={classes.row}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{named(key)}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </AppDialog>
  );
}
