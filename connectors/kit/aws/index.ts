export { openS3Store, type S3File, type S3Listing, type S3Store, type S3Target, s3Endpoint } from './s3-store.ts';
export { openSteady, type SteadyBody } from './steady-body.ts';
