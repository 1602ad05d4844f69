export { CsvFileError } from './csv-file-error.ts';
export { CSV_ENCODING_NAMES, CSV_ENCODINGS, type CsvEncoding } from './encoding.ts';
export { type InferredColumn, inferColumns, likelyKey } from './infer.ts';
export type { CsvLayout, CsvOptions, CsvPosition } from './options.ts';
export { type CsvBatch, type CsvSample, readCsv, sampleCsv } from './read-csv.ts';
