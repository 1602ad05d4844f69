/** Turns a manifest, and code where data cannot say it, into a connector. */

import type { SourceObject } from '../../src/shared/connector.ts';
import { isLossBySystem } from '../../src/shared/failure/rules.ts';
import type { Connector } from './connector.ts';
import {
  type ConnectorCode,
  type ConnectorContext,
  ConnectorError,
  type Identity,
  type Page,
  type ReadRequest,
  type SourceRecord,
} from './contract.ts';
import { pick } from './http/pages/parts.ts';
import { createProgressGuard } from './http/pages/progress.ts';
import type { Manifest, ObjectDefinition } from './manifest.ts';
import { readPages } from './reading/read-pages.ts';

/**
 * @param code the parts the manifest cannot say; each replaces the behaviour made from data
 * @throws Error when neither says how to identify or what objects there are
 */
export function defineConnector(manifest: Manifest, code: ConnectorCode = {}): Connector {
  if (code.identify === undefined && manifest.identity === undefined)
    throw new Error(`${manifest.id}: neither the manifest nor the code says how to identify an account.`);
  if (
    manifest.objects === undefined &&
    (code.objects === undefined || code.fields === undefined || code.read === undefined)
  ) {
    throw new Error(`${manifest.id}: without objects in the manifest the code must have objects, fields and read.`);
  }
  const identify = code.identify ?? ((context) => identifyByManifest(manifest, context));
  const read = code.read ?? ((context, request) => readByManifest(manifest, context, request));
  const connector: Connector = {
    manifest,
    identify,
    check:
      code.check ??
      (manifest.check === undefined
        ? async (context) => void (await identify(context))
        : (context) => checkByManifest(manifest, context)),
    objects: code.objects ?? (async () => (manifest.objects ?? []).map(toSourceObject)),
    fields: code.fields ?? (async (_context, object) => [...findObject(manifest, object).fields]),
    read: (context, request) =>
      guarded(read(context, request), context.signal, identityIn(manifest, code, request.object)),
    explain: async (context, error) => {
      const explained = code.explain === undefined ? error : await code.explain(context, error);
      return concernsOneObject(explained) ? wholeAccess(connector.check, context, explained) : explained;
    },
    ...(code.destination === undefined ? {} : { destination: code.destination }),
  };
  return connector;
}

/** Calls that name an object are about it first; what the system says of them may hold for it alone. */
function concernsOneObject({ failureClass, about }: ConnectorError): boolean {
  return failureClass === 'object_denied' || (about !== undefined && isLossBySystem(failureClass));
}

/**
 * An object that is refused says nothing of the others: the cheapest call is asked. When it is refused too, it is the access that
 * is lost; when it is not, the connection works, whatever the answer for the object was.
 */
async function wholeAccess(
  check: Connector['check'],
  context: ConnectorContext,
  error: ConnectorError,
): Promise<ConnectorError> {
  const isDenial = error.failureClass === 'object_denied';
  try {
    await check(context);
  } catch (cause) {
    const isLoss = cause instanceof ConnectorError && isLossBySystem(cause.failureClass);
    return isDenial && isLoss ? cause : error;
  }
  if (isDenial) return error;
  const { message, status, vendorCode, about } = error;
  return new ConnectorError(
    'object_denied',
    `${message} Only this is refused: the system accepted another call of the connection.`,
    { status, vendorCode, about, cause: error },
  );
}

async function identifyByManifest(manifest: Manifest, context: ConnectorContext): Promise<Identity> {
  const call = manifest.identity;
  if (call === undefined) throw new Error(`${manifest.id} has no identity call.`);
  const response = await context.http.send(call.request(context.urls));
  return call.read(response.json(), context.urls, response);
}

async function checkByManifest(manifest: Manifest, context: ConnectorContext): Promise<void> {
  if (manifest.check === undefined) return;
  const response = await context.http.send(manifest.check(context.urls));
  // A log-in page with status 200 must not count as a working connection.
  if (response.body.byteLength > 0) response.json();
}

function toSourceObject({ name, label, description }: ObjectDefinition): SourceObject {
  return { name, label, ...(description === undefined ? {} : { description }) };
}

function findObject(manifest: Manifest, name: string): ObjectDefinition {
  const object = (manifest.objects ?? []).find((candidate) => candidate.name === name);
  if (object === undefined) throw new ConnectorError('not_found', `${manifest.name} has no object "${name}".`);
  return object;
}

async function* readByManifest(manifest: Manifest, context: ConnectorContext, read: ReadRequest): AsyncGenerator<Page> {
  const object = findObject(manifest, read.object);
  const first = { about: object.label, ...object.request(read, context.urls, context.now()) };
  yield* readPages(context, {
    first,
    pages: object.pages,
    checkpoint: read.checkpoint,
    noRows: object.noRows,
    isDeleted: object.isDeleted,
  });
}

/**
 * What tells the records of an object apart; null where the read itself knows its end beforehand (files that were listed) and
 * rows may come again as often as they like.
 */
function identityIn(
  manifest: Manifest,
  code: ConnectorCode,
  object: string,
): ((record: SourceRecord) => unknown) | null {
  if (code.recordKey !== undefined) return keyed([code.recordKey]);
  if (code.read !== undefined) return null;
  const fields = manifest.objects?.find(({ name }) => name === object)?.fields ?? [];
  const keys = fields.filter(({ isKey }) => isKey).map(({ name }) => name);
  return keys.length === 0 ? (record) => JSON.stringify(record) : keyed(keys);
}

function keyed(keys: readonly string[]): (record: SourceRecord) => unknown {
  const [first = ''] = keys;
  if (keys.length === 1) return (record) => record[first] ?? pick(record, first);
  return (record) => JSON.stringify(keys.map((key) => record[key] ?? pick(record, key)));
}

/** Deletions are progress like other records, and repeated ones are none. */
function allOf({ records, deleted }: Page): readonly SourceRecord[] {
  return deleted === undefined || deleted.length === 0 ? records : [...records, ...deleted];
}

/** Ends a read that was stopped or does not come forward; asks the inner iterator at once, so requests start at once. */
async function* guarded(
  pages: AsyncIterable<Page>,
  signal: AbortSignal,
  identityOf: ((record: SourceRecord) => unknown) | null,
): AsyncGenerator<Page> {
  const progress = createProgressGuard(identityOf ?? undefined);
  for await (const page of pages) {
    if (signal.aborted) throw new ConnectorError('cancelled', 'The run was stopped.');
    progress.check(page.checkpoint, identityOf === null ? undefined : allOf(page));
    yield page;
  }
}
