/** Practice S3: the bucket acme-exports in eu-west-1, with the exports of Acme. Path style, as with any endpoint override. */
import {
  type PracticeCommand,
  type PracticeDefinition,
  type PracticeOptions,
  type PracticeReply,
  type PracticeRequest,
  type PracticeSamples,
  type RunningPractice,
  startPracticeServer,
} from '../kit/practice/index.ts';
import { OTHER, OWNER, REGION } from './practice/account.ts';
import { element, xmlAnswer } from './practice/answers.ts';
import { PracticeBucket } from './practice/bucket.ts';
import { accountRows, accountsFile, contactRows, seededFiles, usageRows } from './practice/company.ts';
import { PracticeS3 } from './practice/service.ts';

const BUCKET = 'acme-exports';
const DEFAULT_ACCOUNTS = 300;

export const practice: PracticeDefinition = { connectorId: 's3', start };

async function start(options: PracticeOptions): Promise<RunningPractice> {
  const startedAtMs = Date.now();
  let accounts = options.records ?? DEFAULT_ACCOUNTS;
  const s3 = new PracticeS3(new PracticeBucket(BUCKET, seededFiles(accounts, startedAtMs)));
  const server = await startPracticeServer({
    port: options.port,
    latencyMs: options.latencyMs,
    routes: [{ method: '*', path: '/*', handle: (request) => answer(s3, request) }],
    tooManyRequests: () => slowDown(),
  });
  const setRecords = (count: number): void => {
    accounts = count;
    s3.bucket.put(accountsFile(count, Date.now()));
  };
  return {
    connectorId: 's3',
    baseUrl: server.baseUrl,
    samples: samplesAt(server.baseUrl),
    requests: server.requests,
    command(command) {
      const isKnown = server.command(command);
      if (!obey(s3, command, setRecords) && !isKnown)
        throw new Error(`The practice S3 does not know the command ${command.kind}.`);
    },
    written: () => [],
    records(object) {
      if (object === 'accounts.csv') return accountRows(accounts);
      if (object === 'usage/usage-*.csv') return usageRows(startedAtMs);
      // The others are there to be refused: a wrong encoding, broken rows.
      return object === 'contacts.csv.gz' ? contactRows() : [];
    },
    close: () => server.close(),
  };
}

function answer(s3: PracticeS3, { method, target, headers, body }: PracticeRequest): PracticeReply {
  return s3.handle({ method, target, headers, body, nowMs: Date.now() });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html */
function slowDown(): PracticeReply {
  return xmlAnswer(
    503,
    `<Error>${element('Code', 'SlowDown')}${element('Message', 'Please reduce your request rate.')}</Error>`,
  );
}

/** @returns whether it knew the command */
function obey({ account }: PracticeS3, command: PracticeCommand, setRecords: (count: number) => void): boolean {
  switch (command.kind) {
    case 'deactivateUser':
      needOwner(command.email);
      account.deactivate();
      return true;
    case 'changePassword':
      needOwner(command.email);
      account.changeSecret();
      return true;
    case 'revokeGrants':
      account.deactivate();
      return true;
    case 'expireAccessTokens':
      account.expireTokens();
      return true;
    case 'endLicence':
      account.endSubscription();
      return true;
    case 'denyObject':
      account.deny(command.object === '*' ? '*' : (command.object.split('*')[0] ?? ''));
      return true;
    case 'restore':
      account.restore();
      return true;
    case 'setRecords':
      setRecords(command.count);
      return true;
    default:
      return false;
  }
}

function needOwner(email: string): void {
  if (email !== OWNER.email)
    throw new Error(`The practice S3 has no user ${email}; its key belongs to ${OWNER.email}.`);
}

function samplesAt(baseUrl: string): PracticeSamples {
  const { key } = OWNER;
  return {
    fields: { bucket: BUCKET, region: REGION, prefix: 'exports', accessKeyId: key.accessKeyId },
    secrets: { secretAccessKey: key.secretAccessKey },
    authMethodId: 'access-key',
    // Keys have no log-in; the secret key stands where a password would.
    users: [OWNER, OTHER].map((one) => ({ name: one.name, email: one.email, password: one.key.secretAccessKey })),
    apiBaseUrl: baseUrl,
  };
}
