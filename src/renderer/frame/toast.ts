import { notifications } from '@mantine/notifications';

/** A failure that has no place of its own on the screen any more. */
export function toastFailure(message: string): void {
  notifications.show({
    message,
    color: 'red.8',
    autoClose: 12_000,
    withBorder: true,
    closeButtonProps: { 'aria-label': 'Dismiss this message' },
    role: 'alert',
  });
}
