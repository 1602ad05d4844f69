import { notifications } from '@mantine/notifications';

const LOOK = {
  autoClose: 12_000,
  withBorder: true,
  closeButtonProps: { 'aria-label': 'Dismiss this message' },
};

/** A failure that has no place of its own on the screen any more. */
export function toastFailure(message: string): void {
  notifications.show({ ...LOOK, message, color: 'red.8', role: 'alert' });
}

/** What somebody should know of something that is no longer on the screen. */
export function toastNote(message: string): void {
  notifications.show({ ...LOOK, message, role: 'status' });
}
