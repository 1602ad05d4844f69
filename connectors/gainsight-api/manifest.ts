import { defineConnector, type Manifest } from '../kit/index.ts';
import { ERRORS } from './errors.ts';
import { source } from './source.ts';

/** A little behind the full minute, so that a clock that is slightly off does not fall into the old window. */
const WINDOW_MARGIN_MS = 500;

/**
 * The budget is counted in fixed windows of a minute and a refusal does not say when the next begins. Its Date header
 * tells where in the minute Gainsight's own clock stands.
 */
export function untilNextMinute({
  status,
  headers,
}: {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}): number | undefined {
  if (status !== 429 || headers['retry-after'] !== undefined) return undefined;
  const dateMs = Date.parse(headers.date ?? '');
  return Number.isNaN(dateMs) ? 60_000 : 60_000 - (dateMs % 60_000) + WINDOW_MARGIN_MS;
}

export const manifest: Manifest = {
  id: 'gainsight-api',
  name: 'Gainsight API',
  category: 'api',
  summary: 'Reads the objects of a Gainsight tenant and loads Company and custom objects.',
  monogram: 'GS',
  docsUrl:
    'https://support.gainsight.com/gainsight_nxt/API_and_Developer_Docs/Company_and_Relationship_API/Company_API_Documentation',
  fields: [
    {
      name: 'domain',
      label: 'Tenant domain',
      kind: 'hostname',
      required: true,
      help: 'The host of your Gainsight address, for example acme.gainsightcloud.com, acme.us2.gainsightcloud.com or your own domain.',
      placeholder: 'acme.gainsightcloud.com',
    },
  ],
  auth: [
    {
      kind: 'key',
      id: 'access-key',
      label: 'Access key',
      fields: [
        {
          name: 'accessKey',
          label: 'Access key',
          kind: 'secret',
          required: true,
          // https://support.gainsight.com/Gainsight_NXT/API_and_Developer_Docs/Generate_API_Access_Key/Generate_REST_API_Key
          help: 'Administration > Connectors 2.0 > Create Connection > Gainsight API > Access_Key > Generate. An org has one key; resetting it stops every integration that uses it.',
        },
      ],
      apply: { kind: 'header', name: 'Accesskey', credential: 'accessKey' },
      revocation: {
        kind: 'none',
        reason:
          'The access key stays valid in Gainsight. To end it there: Administration > Connectors 2.0 > Create Connection > Gainsight API > Access_Key > Reset, which stops every integration that uses it.',
      },
    },
  ],
  endpoints: {
    api: ({ fields }) => `https://${String(fields.domain).trim().toLowerCase()}`,
    // A tenant may answer at the customer's own domain, which is then the one typed.
    allowedHosts: ['.gainsightcloud.com', '{domain}'],
    orgOf: ({ domain }) => String(domain).trim().toLowerCase(),
  },
  rateLimit: {
    // 100 a minute and 50,000 a day, the latter by 429 only: https://support.gainsight.com/gainsight_nxt/API_and_Developer_Docs/Company_and_Relationship_API/Company_API_Documentation
    buckets: { default: { requests: 100, perMs: 60_000 } },
    maxConcurrent: 4,
    waitMs: untilNextMinute,
  },
  errors: ERRORS,
  jobs: [],
};

export const connector = defineConnector(manifest, source);
