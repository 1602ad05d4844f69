import { type ReactNode, useEffect, useRef } from 'react';

/** Brings what has just appeared in a dialog into view, and again when `on` changes. */
export function Reveal({ on, children }: { on: string; children: ReactNode }) {
  const element = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever `on` says has changed
  useEffect(() => {
    element.current?.scrollIntoView({ block: 'nearest' });
  }, [on]);
  return <div ref={element}>{children}</div>;
}
