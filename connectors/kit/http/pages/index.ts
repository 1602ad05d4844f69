export { areRecords, cursorPages, recordsAt } from './cursor.ts';
export { linkHeaderPages } from './link-header.ts';
export { nextUrlPages } from './next-url.ts';
export { offsetPages } from './offset.ts';
export { pageNumberPages } from './page-number.ts';
export { type Place, pick, sameOriginUrl, withParameter } from './parts.ts';
export { createProgressGuard, NoProgressError, type ProgressGuard } from './progress.ts';
