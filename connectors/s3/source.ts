/** What the manifest cannot say: requests are signed by the AWS client, and objects are patterns of file names. */
import type { ConnectorCode, ConnectorContext, Identity } from '../kit/index.ts';
import { listFields, listObjects } from './discover.ts';
import { readObject } from './read.ts';
import { accessKeyIdOf, isReadable, openStore, settingsOf } from './settings.ts';

/** Lists one file, and reads one byte of one, so that both rights are proven. */
async function check(context: ConnectorContext): Promise<void> {
  const settings = settingsOf(context);
  const store = await openStore(context, settings);
  const { files } = await store.list({ prefix: settings.prefix, maxKeys: 20 });
  const file = files.find(isReadable);
  if (file === undefined) return;
  const { bytes } = await store.open(file, 0, 1);
  for await (const _byte of bytes) break;
}

/** An access key says nothing about its user without one more right, so the key and the bucket stand for account and org. */
async function identify(context: ConnectorContext): Promise<Identity> {
  const settings = settingsOf(context);
  const store = await openStore(context, settings);
  await store.list({ prefix: settings.prefix, maxKeys: 1 });
  const accessKeyId = accessKeyIdOf(context);
  return {
    accountId: accessKeyId,
    account: `Access key …${accessKeyId.slice(-4)}`,
    orgId: settings.bucket,
    org: `${settings.bucket} (${store.region})`,
    isActive: true,
  };
}

export const source: ConnectorCode = { identify, check, objects: listObjects, fields: listFields, read: readObject };
