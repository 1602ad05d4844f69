import { formatAsOf, formatExact } from '../text/format.ts';
import { useNow } from './use-now.ts';

/** How old the figures of a page are: when they were asked for, the exact time on hover. */
export function AsOf({ at, className = '' }: { at: string | null; className?: string | undefined }) {
  const nowMs = useNow();
  if (at === null) return null;
  return (
    <span className={`pb-num ${className}`} title={formatExact(at)}>
      as of {formatAsOf(at, nowMs)}
    </span>
  );
}
