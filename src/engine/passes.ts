/** How a run begins: on the pass an earlier run left, or on a new one. */
import { createHash } from 'node:crypto';
import { FULL_PASS_DAYS, type Job } from '../shared/job/job.ts';
import type { RecordMapper } from '../shared/job/mapping.ts';
import { type Pass, type RunLedger, readPass } from '../store/cache/ledger.ts';
import { rowsTable, type TableInfo } from '../store/cache/table.ts';
import type { WritableDb } from '../store/database.ts';
import { type CursorValue, sinceValue } from './cursor.ts';

/** A checkpoint older than this is not gone on from by another run: sources forget where a reader was. Milliseconds. */
const CHECKPOINT_LIFE_MS = 24 * 3_600_000;
const FULL_PASS_EVERY_MS = FULL_PASS_DAYS * 24 * 3_600_000;

/** What the rows of a job depend on; another fingerprint means reading everything again. */
export function jobFingerprint(job: Job): string {
  const { connectionId, sourceObject, mapping, keyColumn, filter, cursorField } = job;
  return digest([connectionId, sourceObject, mapping, keyColumn, filter, cursorField]);
}

/** What the destination has got depends on; another one means delivering everything again. */
export function destinationFingerprint(
  job: Job,
  { columns, dates }: Pick<RecordMapper, 'columns' | 'dates'>,
): string | null {
  const { destination } = job;
  if (destination.kind === 'cache') return null;
  // Without date rules as version 0.1.0 made it: what was delivered then is not delivered again.
  const rules = Object.keys(dates).length === 0 ? [] : [dates];
  return digest([destination.connectionId, destination.object, destination.keys, columns, ...rules]);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

export interface BegunPass {
  readonly pass: Pass;
  readonly isContinued: boolean;
  /** For the run's log. */
  readonly lines: readonly string[];
}

/**
 * Goes on with the pass of an interrupted, stopped or failed run where that is possible, else begins a new one. Inside the
 * caller's transaction.
 */
export function beginPass(
  parts: { readonly db: WritableDb; readonly ledger: RunLedger; readonly job: Job; readonly info: TableInfo },
  options: { readonly isResumed: boolean; readonly nowMs: number },
): BegunPass {
  const { db, job } = parts;
  const fingerprint = jobFingerprint(job);
  const left = readPass(db, job.id);
  if (left !== null) {
    const why = whyNotContinued(left, job, fingerprint, options);
    if (why === null) return { pass: left, isContinued: true, lines: continuedLines(left, options.isResumed) };
    const begun = newPass(parts, fingerprint, options.nowMs);
    return { ...begun, lines: [why, ...begun.lines] };
  }
  return newPass(parts, fingerprint, options.nowMs);
}

/** The same pass from its beginning: the source no longer knows its checkpoint. */
export function restartPass(ledger: RunLedger, pass: Pass, nowMs: number): Pass {
  const again: Pass = {
    ...pass,
    phase: 'reading',
    checkpoint: null,
    pages: 0,
    startedAt: nowMs,
    touchedAt: nowMs,
    cursorMax: null,
    unkeyed: 0,
    sweptTo: 0,
  };
  ledger.beginPass(again);
  return again;
}

function whyNotContinued(
  left: Pass,
  job: Job,
  fingerprint: string,
  { isResumed, nowMs }: { isResumed: boolean; nowMs: number },
): string | null {
  if (left.fingerprint !== fingerprint)
    return 'The settings of the job were changed since it was interrupted; it reads everything again.';
  if (job.mode === 'full' && left.mode === 'incremental') return 'The job now reads everything; it starts again.';
  if (!isResumed && Math.abs(nowMs - left.touchedAt) > CHECKPOINT_LIFE_MS)
    return 'The place where an earlier run ended is more than a day old; it starts again.';
  return null;
}

function continuedLines(pass: Pass, isResumed: boolean): string[] {
  if (isResumed || pass.pages === 0) return [];
  return [`It goes on where the run before it ended, behind page ${pass.pages.toLocaleString('en')}.`];
}

/** Only reading everything shows what the source no longer has. A clock that was set back makes it due as well. */
function isFullDue({ fullAt }: TableInfo, nowMs: number): boolean {
  return fullAt === null || Math.abs(nowMs - fullAt) > FULL_PASS_EVERY_MS;
}

function fullPassLine({ fullAt }: TableInfo): string {
  const last =
    fullAt === null ? 'there was none yet' : `the last one was on ${new Date(fullAt).toISOString().slice(0, 10)}`;
  return `Full pass: ${last}, and incremental runs do not notice deleted records.`;
}

function newPass(
  { db, ledger, job, info }: { db: WritableDb; ledger: RunLedger; job: Job; info: TableInfo },
  fingerprint: string,
  nowMs: number,
): BegunPass {
  const lines: string[] = [];
  let since: Pass['since'] = null;
  if (job.mode === 'incremental' && job.cursorField !== null) {
    if (info.fingerprint === fingerprint && info.cursor !== null) {
      if (isFullDue(info, nowMs)) lines.push(fullPassLine(info));
      else since = { field: job.cursorField, value: sinceValue(info.cursor as CursorValue, job.lookbackSeconds) };
    } else if (info.fingerprint !== null)
      lines.push('The settings of the job were changed since its last run; it reads everything again.');
  }
  const lastId =
    db
      .prepare<[], number | null>(`SELECT max(_id) FROM ${rowsTable(job.id)}`)
      .pluck()
      .get() ?? 0;
  const pass: Pass = {
    fingerprint,
    // Whatever the job's mode: a pass that reads everything also finds out what is gone.
    mode: since === null ? 'full' : 'incremental',
    since,
    phase: 'reading',
    checkpoint: null,
    pages: 0,
    startedAt: nowMs,
    touchedAt: nowMs,
    firstNewId: lastId,
    cursorMax: null,
    unkeyed: 0,
    sweptTo: 0,
  };
  ledger.beginPass(pass);
  const what = since === null ? 'every record of' : 'what changed in';
  lines.push(`Reads ${what} ${job.sourceObject}${since === null ? '' : ` since ${since.value}`}.`);
  return { pass, isContinued: false, lines };
}
