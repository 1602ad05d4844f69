import type { ComponentProps } from 'react';

/**
 * A div that may have a role. Virtual lists and tables position their rows themselves, which list and table elements do
 * not allow; this is the one place where the advice to use those elements is declined.
 */
export function Part(props: ComponentProps<'div'>) {
  return <div {...props} />;
}
