import { ConnectorError } from '../contract.ts';

/**
 * A file that cannot be read as its settings say. `header` and `damaged`: the fault is in this one file, others may be fine;
 * `encoding`, `separator` and `compression`: a setting is wrong, so other files will most likely fail too.
 */
export class CsvFileError extends ConnectorError {
  readonly fault: 'header' | 'damaged' | 'encoding' | 'separator' | 'compression';

  constructor(fault: CsvFileError['fault'], message: string, options: { cause?: unknown } = {}) {
    super('bad_data', message, options);
    this.name = 'CsvFileError';
    this.fault = fault;
  }
}
