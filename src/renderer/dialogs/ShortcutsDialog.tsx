import { AppDialog } from '../components/AppDialog.tsx';
import type { DialogProps } from './DialogHost.tsx';
import classes from './ShortcutsDialog.module.css';

const SHORTCUTS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['/'], 'Search on this page'],
  [['c'], 'Create a connection, or a job on the Jobs page'],
  [['Ctrl', 'K'], 'Go to any page, connection or action'],
  [['↑', '↓'], 'Move through a list'],
  [['Enter'], 'Open the row'],
  [['Space'], 'Choose the row; with Shift and an arrow or a click, several'],
  [['Ctrl', 'A'], 'Choose all rows that are shown'],
  [['Shift', 'F10'], 'Menu of the row; the menu key and the right button too'],
  [['Esc'], 'Close the topmost thing, clear the search or the choice'],
  [['?'], 'Show these shortcuts'],
];

export function ShortcutsDialog({ isTop, onClose }: DialogProps<'shortcuts'>) {
  return (
    <AppDialog title="Keyboard shortcuts" isTop={isTop} onClose={onClose}>
      <dl className={classes.list}>
        {SHORTCUTS.map(([keys, what]) => (
          <div key={what} className={classes.row}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </AppDialog>
  );
}
