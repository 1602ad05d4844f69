import {
  type AuthMethod,
  CSV_ENCODING_NAMES,
  CSV_ENCODINGS,
  defineConnector,
  type ErrorRule,
  type FieldDescriptor,
  type Manifest,
  s3Endpoint,
} from '../kit/index.ts';
import { source } from './source.ts';

const AUTH: readonly AuthMethod[] = [
  {
    kind: 'key',
    id: 'access-key',
    label: 'Access key',
    fields: [
      {
        name: 'accessKeyId',
        label: 'Access key ID',
        kind: 'text',
        required: true,
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
        help: 'AWS console > IAM > Users > the user > Security credentials > Access keys. For a Gainsight-managed bucket: Administration > S3 keys.',
        placeholder: 'AKIA…',
        pattern: {
          source: '[A-Za-z0-9_.-]{3,128}',
          message: 'Enter the access key ID: letters and digits, usually beginning with AKIA.',
        },
      },
      {
        name: 'secretAccessKey',
        label: 'Secret access key',
        kind: 'secret',
        required: true,
        help: 'Shown once, when the key is made. The user needs s3:ListBucket on the bucket and s3:GetObject on its files.',
      },
      {
        name: 'sessionToken',
        label: 'Session token',
        kind: 'secret',
        required: false,
        help: 'Only for temporary keys, whose ID begins with ASIA. They end after some hours.',
      },
    ],
    apply: { kind: 'aws' },
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access-keys-admin-managed.html
    revocation: {
      kind: 'none',
      reason:
        'The access key stays valid in AWS. To end it there: IAM > Users > the user > Security credentials > Access keys > Deactivate or Delete.',
    },
  },
];

const FIELDS: readonly FieldDescriptor[] = [
  {
    name: 'bucket',
    label: 'Bucket',
    kind: 'text',
    required: true,
    help: 'The name of the bucket alone, without s3:// and without a folder.',
    placeholder: 'acme-exports',
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    pattern: {
      source: '[a-z0-9][a-z0-9.\\-]{1,61}[a-z0-9]',
      message: 'Enter the bucket name: 3 to 63 small letters, digits, dots and hyphens.',
    },
  },
  {
    name: 'region',
    label: 'Region',
    kind: 'text',
    required: false,
    help: 'Leave empty to have it looked up.',
    placeholder: 'eu-west-1',
    pattern: {
      source: '[a-z]{2}-[a-z-]{3,30}-[0-9]{1,2}',
      message: 'Enter a region like eu-west-1, or leave it empty.',
    },
  },
  {
    name: 'prefix',
    label: 'Folder',
    kind: 'text',
    required: false,
    help: 'Only files below this folder are read, for example Data-Ingest/Input. Empty = the whole bucket.',
    placeholder: 'exports/daily',
  },
  {
    name: 'filePattern',
    label: 'File name pattern',
    kind: 'text',
    required: false,
    help: 'Offers these files as one object, for example usage-*.csv: * is anything within a folder, ** anything, ? one character. Capitals count. Empty = all CSV and TSV files, grouped by name.',
    placeholder: 'usage-*.csv',
    pattern: {
      source: '[^\\s/][^\\r\\n]{0,99}',
      message: 'Use at most 100 characters, not beginning with a slash or a space.',
    },
  },
  {
    name: 'separator',
    label: 'Field separator',
    kind: 'select',
    required: false,
    help: 'Automatic: tab for .tsv and .tab, pipe for .psv, else comma.',
    options: [
      { value: 'auto', label: 'Automatic' },
      { value: 'comma', label: 'Comma' },
      { value: 'tab', label: 'Tab' },
      { value: 'semicolon', label: 'Semicolon' },
      { value: 'pipe', label: 'Pipe' },
      { value: 'space', label: 'Space' },
    ],
    default: 'auto',
  },
  {
    name: 'textQualifier',
    label: 'Text qualifier',
    kind: 'select',
    required: false,
    help: 'What surrounds cells that hold a separator or a line end.',
    options: [
      { value: 'double', label: 'Double quote' },
      { value: 'single', label: 'Single quote' },
      { value: 'none', label: 'None' },
    ],
    default: 'double',
  },
  {
    name: 'escapeCharacter',
    label: 'Escape character',
    kind: 'select',
    required: false,
    help: 'What makes a text qualifier inside such a cell literal.',
    options: [
      { value: 'doubled', label: 'The qualifier, doubled' },
      { value: 'backslash', label: 'Backslash' },
    ],
    default: 'doubled',
  },
  {
    name: 'encoding',
    label: 'Encoding',
    kind: 'select',
    required: false,
    help: 'How the files were saved. A file that does not fit is refused with the place where it fails.',
    options: CSV_ENCODINGS.map((value) => ({ value, label: CSV_ENCODING_NAMES[value] })),
    default: 'utf-8',
  },
  {
    name: 'compression',
    label: 'Compression',
    kind: 'select',
    required: false,
    help: 'Automatic recognizes gzip by its first bytes.',
    options: [
      { value: 'auto', label: 'Automatic' },
      { value: 'none', label: 'None' },
      { value: 'gzip', label: 'gzip' },
    ],
    default: 'auto',
  },
];

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const ERRORS: readonly ErrorRule[] = [
  rule(
    403,
    'InvalidAccessKeyId',
    'reauthorize_deactivated',
    'AWS does not know this access key: it was deleted or made inactive',
  ),
  rule(
    403,
    'SignatureDoesNotMatch',
    'reauthorize_password',
    'The secret access key does not belong to the access key ID',
  ),
  rule(400, 'ExpiredToken', 'reauthorize_expired', 'The temporary access key has expired'),
  rule(400, 'InvalidToken', 'reauthorize_expired', 'The session token is not valid for this access key'),
  rule(403, 'NotSignedUp', 'licence_expired', 'The AWS account is not subscribed to S3'),
  rule(403, 'AccountProblem', 'licence_expired', 'AWS has a problem with the account and does not serve it'),
  rule(403, 'AllAccessDisabled', 'licence_expired', 'AWS has disabled all access to this bucket'),
  rule(
    403,
    'RequestTimeTooSkewed',
    'bad_request',
    'The clock of this machine is more than 15 minutes off. Set it right, then try again',
  ),
  rule(
    403,
    'InvalidObjectState',
    'bad_request',
    'The file is archived and must be restored in S3 before it can be read',
  ),
  rule(404, 'NoSuchBucket', 'not_found', 'There is no such bucket. Check its name in the connection'),
  rule(404, 'NoSuchKey', 'not_found', 'The file is gone'),
  rule(400, 'RequestTimeout', 'server_error', 'S3 waited too long for the request', true),
  rule(503, 'SlowDown', 'rate_limited', 'S3 asks for fewer requests', true),
  {
    status: 403,
    class: 'reauthorize_permission',
    message: 'The access key may not do this. It needs s3:ListBucket on the bucket and s3:GetObject on its files',
  },
  { status: 412, class: 'bad_request', message: 'The file was replaced while it was read' },
  { status: 416, class: 'bad_request', message: 'The file is shorter than when it was listed' },
  { status: [500, 503], class: 'server_error', message: 'S3 failed', retry: true },
];

function rule(
  status: number,
  code: string,
  failureClass: ErrorRule['class'],
  message: string,
  retry = false,
): ErrorRule {
  return {
    status,
    contains: `<code>${code.toLowerCase()}</code>`,
    class: failureClass,
    message,
    ...(retry ? { retry } : {}),
  };
}

export const manifest: Manifest = {
  id: 's3',
  name: 'S3',
  category: 'files',
  summary: 'CSV and TSV files from an S3 bucket, your own or Gainsight-managed.',
  monogram: 'S3',
  docsUrl: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html',
  fields: FIELDS,
  auth: AUTH,
  endpoints: {
    api: ({ fields }) => s3Endpoint(String(fields.region ?? '') === '' ? 'us-east-1' : String(fields.region)),
    allowedHosts: ['.amazonaws.com', '.amazonaws.com.cn'],
    orgOf: ({ bucket }) => String(bucket),
  },
  // 5,500 reads a second and prefix are allowed: https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
  rateLimit: { buckets: { default: { requests: 1000, perMs: 1000 } }, maxConcurrent: 4 },
  errors: ERRORS,
  jobs: [],
};

export const connector = defineConnector(manifest, source);
