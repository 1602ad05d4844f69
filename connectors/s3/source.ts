/** What the manifest cannot say: requests are signed by the AWS client, and objects are patterns of file names. */
import { type ConnectorCode, type ConnectorContext, type Identity, S3FileError } from '../kit/index.ts';
import { listFields, listObjects } from './discover.ts';
import { readObject } from './read.ts';
import { accessKeyIdOf, isFile, openStore, settingsOf } from './settings.ts';

/** Files tried before the key counts as one that may not read. */
const TRIED = 5;

/** Lists files, and reads one byte of one, so that both rights are proven. A file that only some may read is no fault of the key. */
async function check(context: ConnectorContext): Promise<void> {
  const settings = settingsOf(context);
  const store = await openStore(context, settings);
  const { files } = await store.list({ prefix: settings.prefix, maxKeys: 20 });
  let denied: S3FileError | null = null;
  for (const file of files.filter((one) => isFile(one) && one.size > 0).slice(0, TRIED)) {
    try {
      const { bytes } = await store.open(file, 0, 1);
      for await (const _byte of bytes) break;
      return;
    } catch (error) {
      if (!(error instanceof S3FileError)) throw error;
      // Any other fault is told only to those who may read.
      if (error.vendorCode !== 'AccessDenied') return;
      denied ??= error;
    }
  }
  if (denied !== null) throw denied;
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
