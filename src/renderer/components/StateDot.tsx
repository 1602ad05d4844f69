import type { ConnectionStateKind } from '../../shared/connection/state.ts';

export type DotKind = ConnectionStateKind | 'running' | 'good' | 'bad' | 'warn' | 'quiet';

const COLOURS: Readonly<Record<DotKind, string>> = {
  active: 'var(--pb-good)',
  good: 'var(--pb-good)',
  running: 'var(--mantine-primary-color-filled)',
  disconnected: 'var(--pb-bad)',
  bad: 'var(--pb-bad)',
  draft: 'var(--pb-warn)',
  warn: 'var(--pb-warn)',
  revoked: 'var(--pb-quiet)',
  quiet: 'var(--pb-quiet)',
};

function shapeOf(kind: DotKind) {
  switch (kind) {
    case 'disconnected':
    case 'bad':
      return <path d="M2 2 8 8M8 2 2 8" fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />;
    case 'draft':
    case 'warn':
      return <circle cx="5" cy="5" r="3.4" fill="none" stroke="currentColor" strokeWidth="2" />;
    case 'revoked':
    case 'quiet':
      return <path d="M1.5 5H8.5" fill="none" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />;
    case 'running':
      return <path d="M2.5 1.5 8.5 5 2.5 8.5Z" fill="currentColor" />;
    default:
      return <circle cx="5" cy="5" r="4" fill="currentColor" />;
  }
}

/** State by shape as well as colour: filled, ring, bar, cross. The word stands beside it. */
export function StateDot({ kind }: { kind: DotKind }) {
  return (
    <svg
      width="10"
      height="10"
      viewBox="0 0 10 10"
      aria-hidden="true"
      focusable="false"
      color={COLOURS[kind]}
      style={{ flex: 'none' }}
    >
      {shapeOf(kind)}
    </svg>
  );
}
