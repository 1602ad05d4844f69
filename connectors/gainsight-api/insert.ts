/** Inserts: all or nothing at Gainsight, and never to be done twice. */
import { ConnectorError, leavesInDoubt } from '../kit/index.ts';
import { type Answer, ask, judgedByDay } from './call.ts';
import { isAboutRecords, toConnectorError } from './errors.ts';
import {
  findExisting,
  type Item,
  inHalves,
  isWhole,
  type Load,
  permitted,
  refuse,
  request,
  settle,
  settleRefused,
} from './load.ts';

/** Times an insert is sent again after a 429, each after the wait that the limiter keeps. */
const MAX_RATE_WAITS = 5;
/** Times an insert without an answer is looked for before the batch is given back to the caller. */
const MAX_LOST = 4;

/**
 * A refused call has written nothing, so its halves may be tried.
 * @param isKnownBad whether an answer has already told that one of the items is wrong
 * @returns whether all were taken
 */
export async function insert(load: Load, items: readonly Item[], isKnownBad = false, lost = 0): Promise<boolean> {
  if (!isKnownBad || items.length === 1) {
    const answer = await sendInsert(load, items, lost);
    if (answer === 'lost') return insertMissing(load, items, lost + 1);
    if (isWhole(answer, items.length)) {
      settle(load, items, answer);
      return true;
    }
    if (answer.ok) return checkArrived(load, items);
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      settleRefused(load, only, answer.refusal);
      return false;
    }
    if (!isAboutRecords(answer.refusal)) throw toConnectorError(answer.refusal, load.object);
  }
  return inHalves(items, (half, isBad) => insert(load, half, isBad));
}

/**
 * The http client repeats no insert, since it cannot know whether one was carried out. After a 429 it was not, and it is
 * sent again here; the limiter makes it wait.
 */
async function sendInsert(load: Load, items: readonly Item[], lost: number): Promise<Answer | 'lost'> {
  const records = items.map(({ values }) => permitted(load, values, 'isCreateable'));
  const startedAt = load.context.now();
  for (let waits = 0; ; waits += 1) {
    try {
      return await ask(load.context, request(load.object, 'POST', records));
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (error.failureClass === 'rate_limited' && waits < MAX_RATE_WAITS) continue;
      if (!leavesInDoubt(error.failureClass) || lost >= MAX_LOST) {
        throw judgedByDay(error, load.context.now() - startedAt);
      }
      return 'lost';
    }
  }
}

/** After a lost answer: waits until the call must be over, keeps what has arrived and sends the rest. */
async function insertMissing(load: Load, items: readonly Item[], lost: number): Promise<boolean> {
  const { context, object, lookAgainAfterMs } = load;
  context.log(`The answer to an insert into ${object} was lost; looking which of ${items.length} records arrived.`);
  await pause(lookAgainAfterMs * lost, context.signal);
  const existing = await findExisting(load, items);
  const missing: Item[] = [];
  for (const item of items) {
    const [gsid] = existing.get(item.key) ?? [];
    if (gsid === undefined) missing.push(item);
    else load.results.set(item.key, { ok: true, id: gsid });
  }
  return missing.length === 0 ? true : insert(load, missing, false, lost);
}

/** After a success for fewer records than were sent: what is not there was dropped without a word. */
async function checkArrived(load: Load, items: readonly Item[]): Promise<boolean> {
  const existing = await findExisting(load, items);
  for (const item of items) {
    const [gsid] = existing.get(item.key) ?? [];
    if (gsid === undefined) refuse(load, item, 'Gainsight accepted the call but did not store the record.');
    else load.results.set(item.key, { ok: true, id: gsid });
  }
  return true;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      // A stopped run is ended by the next request.
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
