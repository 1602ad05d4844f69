/** Failures that lie in one file: the others are read all the same. */
import { ConnectorError, CsvFileError, S3FileError } from '../kit/index.ts';

export function isFault(error: unknown): error is ConnectorError {
  if (error instanceof CsvFileError || error instanceof S3FileError) return true;
  return error instanceof ConnectorError && error.failureClass === 'schema_changed';
}

/** Why, without the name of the file, which stands beside it. */
export function reasonOf(error: ConnectorError, key: string): string {
  if (error instanceof S3FileError) return error.reason;
  const rest = error.message.startsWith(key) ? error.message.slice(key.length).replace(/^[\s,:]+/, '') : error.message;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
