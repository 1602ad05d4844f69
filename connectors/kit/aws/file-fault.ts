/** Failures that concern one file, told from those of the key, the bucket or the network. */
import type { FailureClass } from '../../../src/shared/activity/activity.ts';
import { speaksOf } from '../../../src/shared/failure/rules.ts';
import { ConnectorError } from '../contract.ts';

/** One file cannot be read; others may be fine. Never of a class that says the authorization is lost. */
export class S3FileError extends ConnectorError {
  readonly key: string;
  /** Why, in a sentence that does not name the file. */
  readonly reason: string;

  constructor(
    key: string,
    reason: string,
    options: {
      failureClass?: FailureClass;
      status?: number | undefined;
      vendorCode?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    const { failureClass = 'not_found', ...rest } = options;
    super(failureClass, `${key}: ${reason}`, { ...rest, about: key });
    this.name = 'S3FileError';
    this.key = key;
    this.reason = reason;
  }
}

/**
 * Codes that only ever concern the object that was asked for.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors
 */
const WORDS: Readonly<Record<string, string>> = {
  AccessDenied:
    'The access key may not read this file. It needs s3:GetObject on it, and kms:Decrypt where the file is encrypted with a KMS key',
  InvalidObjectState: 'The file is archived. Restore it in S3; the next run reads it',
  'KMS.DisabledException': 'The KMS key that the file is encrypted with is disabled. Enable it in AWS',
  'KMS.InvalidStateException':
    'The KMS key that the file is encrypted with cannot be used, for example because it is to be deleted',
  'KMS.NotFoundException': 'The KMS key that the file is encrypted with does not exist any more',
  'KMS.InvalidKeyUsageException': 'The KMS key of the file is not one that files can be encrypted with',
};
/** KMS names its errors with and without the service before them. */
const SPELLINGS: Readonly<Record<string, string>> = {
  DisabledException: 'KMS.DisabledException',
  KMSInvalidStateException: 'KMS.InvalidStateException',
  'KMS.KMSInvalidStateException': 'KMS.InvalidStateException',
  KMSNotFoundException: 'KMS.NotFoundException',
};

/** The fault of the file that an answer names; null = the answer alone does not say whom it concerns. */
export function namedFault(error: ConnectorError, key: string): S3FileError | null {
  const { vendorCode: code, status } = error;
  if (code === undefined) return null;
  const words =
    WORDS[SPELLINGS[code] ?? code] ?? (code.startsWith('KMS') ? 'The KMS key of the file cannot be used' : undefined);
  if (words === undefined) return null;
  return new S3FileError(key, `${words} (HTTP ${status}, ${code}).`, { status, vendorCode: code, cause: error });
}

const CHANGED: readonly (number | undefined)[] = [404, 412, 416];

/** Whether the failure of one file may be the bucket's or the key's too, which only the bucket can tell. */
export function isDoubtful(error: ConnectorError): boolean {
  // No single file causes these: every read of the run fails with them. A server error is not one: the bucket is asked.
  const isOfRun = speaksOf(error.failureClass, 'limits', 'route', 'address', 'machine', 'person');
  return !isOfRun && !CHANGED.includes(error.status);
}

/** The failure as one of this file, once the bucket has answered as it should. */
export function faultOf(error: ConnectorError, key: string): S3FileError {
  const { status, vendorCode, failureClass, message } = error;
  const isOfFile = failureClass === 'invalid_response' || failureClass === 'bad_data';
  const kept = isOfFile ? { failureClass } : {};
  return new S3FileError(key, message, { ...kept, status, vendorCode, cause: error });
}
