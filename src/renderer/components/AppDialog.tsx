import '../theme/more-styles.ts';
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './AppDialog.module.css';

interface AppDialogProps {
  readonly title: string;
  readonly isTop: boolean;
  readonly onClose: () => void;
  readonly size?: number;
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/**
 * The browser keeps the fields of a closed dialog for a while, and with them what was typed, a secret too: so they are emptied
 * while they go.
 */
function forgetTyped(marker: HTMLElement | null): (() => void) | undefined {
  const dialog = marker?.closest('[role="dialog"]');
  if (!dialog) return undefined;
  return () => {
    const fields = 'input:not([type=checkbox]):not([type=radio]), textarea';
    for (const field of dialog.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(fields)) field.value = '';
  };
}

/** Every dialog: a title that names it, a body that scrolls, buttons that stay. Esc closes the topmost only. */
export function AppDialog({ title, isTop, onClose, size = 480, footer, children }: AppDialogProps) {
  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={size}
      yOffset="6vh"
      trapFocus={isTop}
      closeOnEscape={isTop}
      closeOnClickOutside={false}
      returnFocus={false}
      transitionProps={{ duration: 0 }}
      classNames={{
        content: classes.content ?? '',
        header: classes.header ?? '',
        title: classes.title ?? '',
        body: classes.body ?? '',
      }}
    >
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content aria-modal="true">
        <Modal.Header>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>
          <span hidden ref={forgetTyped} />
          {children}
        </Modal.Body>
        {footer && <div className={classes.footer}>{footer}</div>}
      </Modal.Content>
    </Modal.Root>
  );
}
