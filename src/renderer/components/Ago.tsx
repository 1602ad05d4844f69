import { formatAgo, formatExact, NOT_YET } from '../text/format.ts';
import { useNow } from './use-now.ts';

/** A time in relation to now, the exact one on hover. */
export function Ago({ at }: { at: string | null }) {
  const nowMs = useNow();
  if (at === null) return <span>{NOT_YET}</span>;
  return (
    <time dateTime={at} title={formatExact(at)} className="pb-num">
      {formatAgo(at, nowMs)}
    </time>
  );
}
