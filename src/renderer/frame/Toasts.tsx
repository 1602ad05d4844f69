import '../theme/more-styles.ts';
import '@mantine/notifications/styles.layer.css';
import { Notifications } from '@mantine/notifications';

/** On the left: at the bottom right are the buttons of every dialog. */
export function Toasts() {
  return <Notifications position="bottom-left" limit={3} zIndex={400} containerWidth={300} />;
}
