/** The practice S3 itself: a request in, an answer out, path style. */
import { createHash } from 'node:crypto';
import { PracticeAccount, REGION } from './account.ts';
import { refusalAnswer, type S3Answer, S3Refusal } from './answers.ts';
import type { PracticeBucket } from './bucket.ts';
import { decode, verifySignature } from './signature.ts';

export interface S3Request {
  readonly method: string;
  /** Path and query as received. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly nowMs: number;
}

export class PracticeS3 {
  readonly account = new PracticeAccount();
  readonly bucket: PracticeBucket;
  #requestNumber = 0;

  constructor(bucket: PracticeBucket) {
    this.bucket = bucket;
  }

  handle(request: S3Request): S3Answer {
    this.#requestNumber += 1;
    const requestId = `PRACTICE${String(this.#requestNumber).padStart(8, '0')}`;
    const cut = request.target.indexOf('?');
    const rawPath = cut === -1 ? request.target : request.target.slice(0, cut);
    const rawQuery = cut === -1 ? '' : request.target.slice(cut + 1);
    const answer = this.#answer(request, rawPath, rawQuery, requestId);
    const headers = { ...answer.headers, server: 'Practice S3', 'x-amz-request-id': requestId };
    return request.method === 'HEAD' ? { status: answer.status, headers } : { ...answer, headers };
  }

  #answer(request: S3Request, rawPath: string, rawQuery: string, requestId: string): S3Answer {
    const slash = rawPath.indexOf('/', 1);
    const bucketName = decode(rawPath.slice(1, slash === -1 ? undefined : slash));
    const key = slash === -1 ? '' : decode(rawPath.slice(slash + 1));
    try {
      if (bucketName !== this.bucket.name)
        throw new S3Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucketName });
      this.#authenticate(request, rawPath, rawQuery);
      this.account.checkRights(key);
      return this.#act(request, key, rawQuery);
    } catch (error) {
      if (!(error instanceof S3Refusal)) throw error;
      const answer = refusalAnswer(error, rawPath, requestId);
      const isBucket = key === '' && error.code !== 'NoSuchBucket';
      return isBucket ? { ...answer, headers: { ...answer.headers, 'x-amz-bucket-region': REGION } } : answer;
    }
  }

  #authenticate({ method, headers, body, nowMs }: S3Request, rawPath: string, rawQuery: string): void {
    this.account.checkToken(headers['x-amz-security-token']);
    const verdict = verifySignature({ method, rawPath, rawQuery, headers }, REGION, nowMs, (id) =>
      this.account.find(id),
    );
    if (!verdict.ok)
      throw new S3Refusal(
        verdict.status,
        verdict.code,
        verdict.message,
        verdict.region === undefined ? {} : { Region: verdict.region },
      );
    const claimed = headers['x-amz-content-sha256'];
    if (claimed !== 'UNSIGNED-PAYLOAD' && claimed !== createHash('sha256').update(body).digest('hex')) {
      throw new S3Refusal(
        400,
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    }
  }

  #act({ method, headers, body, nowMs }: S3Request, key: string, rawQuery: string): S3Answer {
    const isRead = method === 'GET' || method === 'HEAD';
    if (key === '') {
      const query = parseQuery(rawQuery);
      if (method === 'HEAD') return { status: 200, headers: { 'x-amz-bucket-region': REGION } };
      if (method === 'GET' && query.get('list-type') === '2') return this.bucket.list(query);
    } else if (isRead) return this.bucket.get(key, headers, method === 'HEAD');
    else if (method === 'PUT') return this.bucket.write(key, body, headers, nowMs);
    else if (method === 'DELETE') {
      this.bucket.delete(key);
      return { status: 204, headers: {} };
    }
    throw new S3Refusal(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      Method: method,
    });
  }
}

function parseQuery(rawQuery: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of rawQuery.split('&').filter((part) => part !== '')) {
    const cut = pair.indexOf('=');
    query.set(decode(cut === -1 ? pair : pair.slice(0, cut)), decode(cut === -1 ? '' : pair.slice(cut + 1)));
  }
  return query;
}
