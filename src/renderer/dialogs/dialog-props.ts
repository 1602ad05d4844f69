import type { Dialog } from '../stores/dialogs.ts';

/** What every dialog is given by its host. */
export interface DialogProps<K extends Dialog['kind']> {
  readonly dialog: Extract<Dialog, { kind: K }>;
  /** Only the topmost dialog holds the focus and hears Esc. */
  readonly isTop: boolean;
  readonly onClose: () => void;
}
