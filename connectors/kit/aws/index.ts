export { S3FileError } from './file-fault.ts';
export type { S3File } from './listed-file.ts';
export { openS3Store, type S3Listing, type S3Store, type S3Target, s3Endpoint } from './s3-store.ts';
export { openSteady, type SteadyBody } from './steady-body.ts';
