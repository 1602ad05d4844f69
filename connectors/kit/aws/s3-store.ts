/** A bucket as a list of files and their bytes. Signing and XML by the AWS client, the wire by the kit. */
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { type ConnectorContext, ConnectorError } from '../contract.ts';
import { encodingOf } from '../http/decode.ts';
import { faultOf, isDoubtful, namedFault, S3FileError } from './file-fault.ts';
import { quotedEtag, type S3File, toFile } from './listed-file.ts';
import { createRequestHandler, OtherRegionError } from './request-handler.ts';

export interface S3Target {
  readonly bucket: string;
  /** Empty = look it up. */
  readonly region: string;
  /** Override of the Advanced section; the bucket is then named in the path. */
  readonly endpoint: string | undefined;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
}

export interface S3Listing {
  readonly files: readonly S3File[];
  /** Continuation token; null = the listing is complete. */
  readonly next: string | null;
}

export interface S3Body {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Set where the file was stored with a content encoding: then the bytes are decoded and byte ranges do not apply. */
  readonly contentEncoding: string | undefined;
}

export interface S3Store {
  readonly region: string;
  /** One page of at most `maxKeys` (1,000) files in key order. */
  list(options: {
    readonly prefix: string;
    readonly maxKeys?: number | undefined;
    readonly token?: string | null | undefined;
  }): Promise<S3Listing>;
  /**
   * @param from first byte wanted
   * @throws S3FileError when this one file cannot be read; ConnectorError with status 412 when it is no longer the one with
   * this etag, 404 when it is gone; any other ConnectorError concerns the key, the bucket or the network
   */
  open(file: AskedFile, from: number, length?: number): Promise<S3Body>;
}

/** What is asked for of a listed file. */
export type AskedFile = Pick<S3File, 'key' | 'etag' | 'fault'>;

const DEFAULT_REGION = 'us-east-1';

/** No request is made but, without a region, the one that asks for it. @throws ConnectorError not_found without such a bucket */
export async function openS3Store(context: ConnectorContext, target: S3Target): Promise<S3Store> {
  const region = target.region === '' ? ((await lookUpRegion(context, target)) ?? DEFAULT_REGION) : target.region;
  const store = new SignedStore(context, target, region);
  await store.start(region);
  return store;
}

/** Host of a region, without the bucket. */
export function s3Endpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/**
 * HEAD on the bucket names its region in every answer, also in 301 and 403, and needs no signature.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 */
async function lookUpRegion(context: ConnectorContext, target: S3Target): Promise<string | undefined> {
  const base = target.endpoint ?? s3Endpoint(DEFAULT_REGION);
  const answer = await context.http.send({
    method: 'HEAD',
    url: `${base}/${target.bucket}`,
    isAnonymous: true,
    acceptStatus: [301, 307, 400, 403, 404, 405],
    about: target.bucket,
  });
  const region = answer.headers['x-amz-bucket-region'];
  if (region === undefined && answer.status === 404) {
    throw new ConnectorError('not_found', `There is no bucket "${target.bucket}". Check its name in the connection.`, {
      status: 404,
      vendorCode: 'NoSuchBucket',
    });
  }
  return region !== undefined && /^[a-z0-9-]{1,40}$/.test(region) ? region : undefined;
}

type Sdk = typeof import('@aws-sdk/client-s3');

class SignedStore implements S3Store {
  region: string;
  readonly #context: ConnectorContext;
  readonly #target: S3Target;
  #sdk: Sdk | null = null;
  #client: S3Client | null = null;

  constructor(context: ConnectorContext, target: S3Target, region: string) {
    this.#context = context;
    this.#target = target;
    this.region = region;
  }

  async start(region: string): Promise<void> {
    // Loaded at use: the AWS client is larger than all other connectors together.
    this.#sdk ??= await import('@aws-sdk/client-s3');
    this.region = region;
    this.#client = new this.#sdk.S3Client(clientConfig(this.#context, this.#target, region));
  }

  list({ prefix, maxKeys = 1000, token = null }: Parameters<S3Store['list']>[0]): Promise<S3Listing> {
    return this.#inRegion(async (client, sdk) => {
      const answer = await client.send(
        new sdk.ListObjectsV2Command({
          Bucket: this.#target.bucket,
          Prefix: prefix,
          MaxKeys: maxKeys,
          // Keys may hold characters that XML cannot.
          EncodingType: 'url',
          ...(token === null ? {} : { ContinuationToken: token }),
        }),
      );
      // A log-in page of a proxy reads as an empty listing otherwise.
      if (answer.Name === undefined) throw notS3(this.#target);
      const isEncoded = answer.EncodingType === 'url';
      const files = (answer.Contents ?? []).map((entry) => toFile(entry, isEncoded));
      return { files, next: nextToken(answer, token, this.#target) };
    });
  }

  async open(file: AskedFile, from: number, length?: number): Promise<S3Body> {
    if (file.fault !== undefined) throw new S3FileError(file.key, file.fault);
    try {
      return await this.#get(file, from, length);
    } catch (error) {
      throw error instanceof ConnectorError ? await this.#judged(error, file.key) : error;
    }
  }

  #get(file: AskedFile, from: number, length?: number): Promise<S3Body> {
    return this.#inRegion(async (client, sdk) => {
      const answer = await client.send(
        new sdk.GetObjectCommand({
          Bucket: this.#target.bucket,
          Key: file.key,
          IfMatch: file.etag,
          ...(from === 0 && length === undefined
            ? {}
            : { Range: `bytes=${from}-${length === undefined ? '' : from + length - 1}` }),
        }),
      );
      if (answer.ETag === undefined) throw notS3(this.#target);
      if (quotedEtag(answer.ETag) !== file.etag)
        throw new ConnectorError('bad_request', `${file.key} was replaced while it was read.`, { status: 412 });
      if (answer.Body === undefined)
        throw new ConnectorError('invalid_response', `The store answered without a body for ${file.key}.`);
      const bytes = answer.Body as AsyncIterable<Uint8Array>;
      const encoding = encodingOf(answer.ContentEncoding, this.#target.bucket);
      return encoding === 'identity'
        ? { bytes, contentEncoding: undefined }
        : { bytes: decodedBytes(bytes, file.key), contentEncoding: encoding };
    });
  }

  /** Whom a refused read concerns: what leaves that open is put to the bucket, whose own answer then counts. */
  async #judged(error: ConnectorError, key: string): Promise<ConnectorError> {
    const named = namedFault(error, key);
    if (named !== null || !isDoubtful(error)) return named ?? error;
    try {
      await this.list({ prefix: key, maxKeys: 1 });
    } catch (second) {
      if (second instanceof ConnectorError) return second;
      throw second;
    }
    return faultOf(error, key);
  }

  /** Once more in the right region, when the store says that the bucket is elsewhere. */
  async #inRegion<T>(call: (client: S3Client, sdk: Sdk) => Promise<T>): Promise<T> {
    const { client, sdk } = this.#started();
    try {
      return await call(client, sdk);
    } catch (error) {
      if (!(error instanceof OtherRegionError)) throw this.#typed(error);
      const region = error.region ?? (await lookUpRegion(this.#context, this.#target));
      if (region === undefined || region === this.region) throw wrongRegion(this.#target.bucket, this.region);
      this.#context.log(`The bucket ${this.#target.bucket} is in ${region}, not in ${this.region}.`);
      await this.start(region);
      const again = this.#started();
      return await call(again.client, again.sdk).catch((second: unknown) => {
        throw second instanceof OtherRegionError ? wrongRegion(this.#target.bucket, region) : this.#typed(second);
      });
    }
  }

  /** Refusals were judged by the kit before; what is left is an answer that the AWS client cannot read. */
  #typed(error: unknown): unknown {
    const isKnown = error instanceof ConnectorError || (error instanceof Error && error.name === 'AbortError');
    return isKnown ? error : notS3(this.#target, error);
  }

  #started(): { client: S3Client; sdk: Sdk } {
    if (this.#client === null || this.#sdk === null) throw new Error('The S3 store was not started.');
    return { client: this.#client, sdk: this.#sdk };
  }
}

/**
 * `IsTruncated` is in every listing, `NextContinuationToken` in every truncated one:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 * @throws ConnectorError invalid_response: a listing that does not say how it goes on is not the whole
 */
function nextToken(
  answer: { readonly IsTruncated?: boolean | undefined; readonly NextContinuationToken?: string | undefined },
  askedWith: string | null,
  { bucket }: S3Target,
): string | null {
  const { IsTruncated: isTruncated, NextContinuationToken: next = '' } = answer;
  const bad = (what: string) => new ConnectorError('invalid_response', `The listing of ${bucket} ${what}.`);
  if (isTruncated === undefined) throw bad('does not say whether it is complete');
  if (!isTruncated) return null;
  if (next === '') throw bad('is cut off, and the store does not say how it goes on');
  if (next === askedWith) throw bad('goes on where it began: the same files would come again');
  return next;
}

function wrongRegion(bucket: string, region: string): ConnectorError {
  return new ConnectorError(
    'bad_request',
    `The bucket "${bucket}" is not in the region ${region}. Correct the region of the connection, or leave it empty to have it looked up.`,
    { status: 301 },
  );
}

function notS3({ endpoint, bucket }: S3Target, cause?: unknown): ConnectorError {
  const host = endpoint === undefined ? `The host of the bucket "${bucket}"` : new URL(endpoint).host;
  return new ConnectorError(
    'invalid_response',
    `${host} did not answer as an S3 store does. Check the address in the Advanced section.`,
    { cause },
  );
}

/** Everything the client would otherwise look for in environment variables and ~/.aws is said outright. */
function clientConfig(context: ConnectorContext, target: S3Target, region: string): S3ClientConfig {
  const { accessKeyId, secretAccessKey, sessionToken } = target.credentials;
  return {
    region,
    endpoint: target.endpoint ?? s3Endpoint(region),
    forcePathStyle: target.endpoint !== undefined,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    requestHandler: createRequestHandler(context.http, target.bucket),
    // The kit's HTTP client repeats what may be repeated.
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useArnRegion: false,
    followRegionRedirects: false,
    disableS3ExpressSessionAuth: true,
    disableMultiregionAccessPoints: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    authSchemePreference: ['aws.auth#sigv4'],
    sigv4aSigningRegionSet: async () => undefined,
    userAgentAppId: async () => undefined,
  };
}

/** A file that was stored packed and does not unpack is damaged; the connection it came over is not. */
async function* decodedBytes(bytes: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw error instanceof ConnectorError && error.failureClass === 'invalid_response' ? faultOf(error, key) : error;
  }
}
