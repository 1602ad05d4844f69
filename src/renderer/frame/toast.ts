import { notifications } from '@mantine/notifications';

export interface Toast {
  readonly kind: 'good' | 'bad' | 'quiet';
  readonly message: string;
}

const COLOURS = { good: 'green.8', bad: 'red.8', quiet: 'gray.6' } as const;

export function toast({ kind, message }: Toast): void {
  notifications.show({
    message,
    color: COLOURS[kind],
    autoClose: kind === 'bad' ? 12_000 : 6000,
    withBorder: true,
    closeButtonProps: { 'aria-label': 'Dismiss this message' },
    role: kind === 'bad' ? 'alert' : 'status',
  });
}
