/** The door for connectors: the only file of the kit they import. */

export type { SourceObject } from '../../src/shared/connector.ts';
export { leavesInDoubt, speaksOf } from '../../src/shared/failure/rules.ts';
export { compareDecimals, ExactNumber } from '../../src/shared/job/exact-number.ts';
export {
  openS3Store,
  openSteady,
  type S3File,
  S3FileError,
  type S3Listing,
  type S3Store,
  s3Endpoint,
} from './aws/index.ts';
export type { Connector } from './connector.ts';
export type {
  Access,
  AccessProvider,
  ConnectorCode,
  ConnectorContext,
  Destination,
  FilterCondition,
  HttpClient,
  HttpRequest,
  HttpResponse,
  Identity,
  JsonValue,
  Page,
  ReadRequest,
  SourceRecord,
  SourceRejection,
  UnreadPart,
  UrlContext,
  WriteBatch,
  WriteResult,
} from './contract.ts';
export { ConnectorError } from './contract.ts';
export {
  CSV_ENCODING_NAMES,
  CSV_ENCODINGS,
  type CsvBatch,
  type CsvEncoding,
  CsvFileError,
  type CsvLayout,
  type CsvOptions,
  type CsvPosition,
  type CsvSample,
  inferColumns,
  likelyKey,
  readCsv,
  sampleCsv,
} from './csv/index.ts';
export { defineConnector } from './define.ts';
export {
  areRecords,
  createProgressGuard,
  cursorPages,
  linkHeaderPages,
  NoProgressError,
  nextUrlPages,
  offsetPages,
  type Place,
  type ProgressGuard,
  pageNumberPages,
  pick,
  recordsAt,
  sameOriginUrl,
  withParameter,
} from './http/pages/index.ts';
export { idText } from './ids.ts';
export { jobTable } from './jobs.ts';
export { type JwtOptions, publicKeyFingerprint, signJwt } from './jwt.ts';
export type {
  AuthMethod,
  Endpoints,
  ErrorBody,
  ErrorRule,
  FieldDescriptor,
  FieldMapping,
  JobTemplate,
  KeyMethod,
  LocalToken,
  Manifest,
  OAuthCodeMethod,
  ObjectDefinition,
  Paginator,
  RateLimit,
  SourceField,
  TokenCall,
  TokenInput,
  TokenMethod,
} from './manifest.ts';
export * from './reading/index.ts';
export { Secret } from './secret.ts';
export { booleanOf, instantMs, numberOf, type TimeReader, timeReader } from './values.ts';
export { joinPart, splitFields } from './wide.ts';
