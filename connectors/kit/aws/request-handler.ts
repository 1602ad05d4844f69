/**
 * Lets the AWS client send through the kit's HTTP client, so that its host rules, proxy, certificates, limits, retries and
 * error table hold for signed requests too. The AWS client only signs and reads XML.
 */
import { Readable } from 'node:stream';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { type ConnectorContext, ConnectorError, type HttpRequest } from '../contract.ts';

/** A listing of 1,000 keys of 1,024 bytes each, every byte escaped, stays below. Bytes. */
const MAX_LISTING_BYTES = 10_000_000;

/** Just the members of the AWS client's request that are used here. */
interface SignedRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

interface Answer {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Readable;
  };
}

/** The bucket lives elsewhere; `region` where the answer says it. Never leaves kit/aws. */
export class OtherRegionError extends Error {
  readonly region: string | undefined;

  constructor(region: string | undefined) {
    super('The bucket is in another region.');
    this.name = 'OtherRegionError';
    this.region = region;
  }
}

/** @param bucket names what a refusal is about, together with the file */
export function createRequestHandler(http: ConnectorContext['http'], bucket: string): S3ClientConfig['requestHandler'] {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: (request: SignedRequest): Promise<Answer> => send(http, request, bucket),
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  } as unknown as NonNullable<S3ClientConfig['requestHandler']>;
}

async function send(http: ConnectorContext['http'], signed: SignedRequest, bucket: string): Promise<Answer> {
  const request = toHttpRequest(signed, aboutOf(signed, bucket));
  try {
    if (signed.query?.['x-id'] === 'GetObject') {
      const { status, headers, body } = await http.stream({ ...request, maxBodyBytes: Number.POSITIVE_INFINITY });
      refuseRedirect(status, headers);
      return { response: { statusCode: status, headers, body: Readable.from(body, { highWaterMark: 1 }) } };
    }
    const { status, headers, body } = await http.send({ ...request, maxBodyBytes: MAX_LISTING_BYTES });
    refuseRedirect(status, headers);
    if (request.method === 'GET' && status === 200) refuseOther(body, signed);
    return { response: { statusCode: status, headers, body: Readable.from([body]) } };
  } catch (error) {
    // The answer to a signature for the wrong region when the bucket's own host was asked.
    if (error instanceof ConnectorError && error.vendorCode === 'AuthorizationHeaderMalformed')
      throw new OtherRegionError(undefined);
    throw error;
  }
}

/** A whole listing and nothing else: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const LISTING_BEGINS = /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?<ListBucketResult[\s>/]/;
const LISTING_ENDS = /(?:<\/ListBucketResult>|\/>)\s*$/;

/** The AWS client reads an empty listing out of JSON, web pages and other XML, and half a one out of a cut answer. */
function refuseOther(body: Uint8Array, { hostname }: SignedRequest): void {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const begins = LISTING_BEGINS.test(text.subarray(0, 1_000).toString('utf8'));
  if (begins && LISTING_ENDS.test(text.subarray(-200).toString('utf8'))) return;
  const what = begins ? 'sent a list of files that is cut off' : 'answered with something other than a list of files';
  throw new ConnectorError(
    'invalid_response',
    `${hostname} did not answer as an S3 store does: it ${what}. Check the address in the Advanced section.`,
  );
}

function refuseRedirect(status: number, headers: Readonly<Record<string, string>>): void {
  if (status === 301 || status === 307) throw new OtherRegionError(headers['x-amz-bucket-region']);
}

/** "bucket/folder/file.csv", or the bucket alone; the path begins with the bucket where it is not in the host. */
function aboutOf({ path }: SignedRequest, bucket: string): string {
  const plain = decodeURIComponent(path.slice(1)).replace(/\/$/, '');
  return plain === bucket || plain.startsWith(`${bucket}/`) ? plain : `${bucket}/${plain}`.replace(/\/$/, '');
}

function toHttpRequest(signed: SignedRequest, about: string): HttpRequest {
  const port = signed.port === undefined ? '' : `:${signed.port}`;
  const { host: _host, ...headers } = signed.headers;
  return {
    method: signed.method === 'HEAD' ? 'HEAD' : 'GET',
    url: `${signed.protocol}//${signed.hostname}${port}${signed.path}${queryOf(signed)}`,
    // Byte ranges and sizes are those of the stored file, so nothing may be compressed on the way.
    headers: { ...headers, 'accept-encoding': 'identity' },
    isAnonymous: true,
    acceptStatus: [301, 307],
    about,
  };
}

/** Byte for byte as it was signed: RFC 3986, space as %20. */
function queryOf(signed: SignedRequest): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(signed.query ?? {}).sort(([first], [second]) =>
    first < second ? -1 : 1,
  )) {
    if (value === null) pairs.push(encode(name));
    else
      for (const single of typeof value === 'string' ? [value] : value) pairs.push(`${encode(name)}=${encode(single)}`);
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
