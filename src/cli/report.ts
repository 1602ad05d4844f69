/** What a run did, as one line of JSON or for people. */
import { NO_COUNTS } from '../shared/activity/activity.ts';
import type { SyncReport } from './sync.ts';

export function jsonReport(report: SyncReport): string {
  const { finished, seconds, cpuUs, readHere, peakRssMb, dbMb, isResumed } = report;
  const { read, ...counts } = finished?.counts ?? NO_COUNTS;
  return JSON.stringify({
    variant: 'patchbay',
    records: read,
    rps: round(read / seconds),
    cpu_us_rec: readHere > 0 ? round(cpuUs / readHere) : null,
    peak_rss_mb: round(peakRssMb),
    db_mb: round(dbMb),
    status: finished?.status ?? 'interrupted',
    seconds: round(seconds),
    resumed: isResumed,
    ...counts,
    ...(finished?.failure ? { failure: finished.failure } : {}),
  });
}

export function humanReport({ finished, seconds, isResumed }: SyncReport): string {
  if (finished === null) return 'Interrupted. The same command goes on where it was.';
  const { counts, failure, status } = finished;
  const parts = (['inserted', 'updated', 'unchanged', 'gone', 'rejected', 'delivered', 'refused'] as const)
    .filter((name) => counts[name] > 0)
    .map((name) => `${counts[name].toLocaleString('en')} ${name}`);
  if (counts.unread > 0)
    parts.push(`${counts.unread.toLocaleString('en')} not read (parts of the source, named above)`);
  if (counts.stillRejected > 0) parts.push(`${counts.stillRejected.toLocaleString('en')} still rejected`);
  if (counts.missing > 0)
    parts.push(`${counts.missing.toLocaleString('en')} missing and not marked as gone (see --mark-missing)`);
  const word = failure !== null ? 'Failed' : status === 'partial_success' ? 'Done in part' : 'Done';
  const lines = [
    `${word} in ${seconds.toFixed(1)} s${isResumed ? ', resumed' : ''}: ${counts.read.toLocaleString('en')} records read${parts.length > 0 ? `, ${parts.join(', ')}` : ''}.`,
  ];
  if (failure !== null) lines.push(`${failure.message} ${failure.advice}`);
  return lines.join('\n');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
