/** What the manifest cannot say: an envelope around every answer, described objects, and the load side. */

import type { ConnectorCode, ConnectorContext, Destination, SourceField } from '../kit/index.ts';
import { ConnectorError } from '../kit/index.ts';
import { must } from './call.ts';
import { columnType, describe, type GainsightField, listObjects } from './describe.ts';
import { cursorOf, readObject } from './read.ts';
import { canBeKey } from './values.ts';
import { MAX_BATCH, writeBatch } from './write.ts';

const OBJECT_LIST = { url: '/v1/meta/services/objects/list', query: { po: 'company', em: false } };

/** No call says whose key it is, so the tenant's domain stands for the org and the key's end for the account. */
async function identify(context: ConnectorContext) {
  await must(context, OBJECT_LIST, 'the list of objects');
  const domain = String(context.urls.fields.domain).trim().toLowerCase();
  const { credentials } = await context.access.current();
  const key = credentials.accessKey?.reveal().trim() ?? '';
  if (key === '') throw new ConnectorError('credential_missing', 'The access key is missing.');
  return {
    accountId: `${domain}:${key.slice(-3)}`,
    account: `Access key …${key.slice(-3)}`,
    orgId: domain,
    org: domain,
    isActive: true,
  };
}

const toSourceField = (field: GainsightField, cursor: string | null): SourceField => ({
  name: field.name,
  label: field.label,
  type: columnType(field),
  isKey: field.name === 'Gsid',
  isCursor: field.name === cursor,
  required: field.isRequired,
});

/** For a destination `isKey` marks the fields that may be chosen as keys. */
const toTargetField = (field: GainsightField): SourceField => ({
  ...toSourceField(field, null),
  isKey: canBeKey(field),
});

const destination: Destination = {
  maxBatch: MAX_BATCH,
  async objects(context) {
    return (await listObjects(context))
      .filter(({ isWriteable }) => isWriteable)
      .map(({ name, label }) => ({ name, label }));
  },
  async fields(context, object) {
    const fields = await describe(context, object);
    return fields.filter(({ isCreateable, isUpdateable }) => isCreateable || isUpdateable).map(toTargetField);
  },
  write: (context, batch) => writeBatch(context, batch),
};

export const source: ConnectorCode = {
  identify,
  async check(context) {
    await must(context, OBJECT_LIST, 'the list of objects');
  },
  async objects(context) {
    return (await listObjects(context))
      .filter(({ isReadable }) => isReadable)
      .map(({ name, label }) => ({ name, label }));
  },
  async fields(context, object) {
    const fields = await describe(context, object);
    const cursor = cursorOf(fields);
    return fields.filter(({ isHidden }) => !isHidden).map((field) => toSourceField(field, cursor));
  },
  read: readObject,
  recordKey: 'Gsid',
  destination,
};
