export { type JsonLinesOptions, readJsonLines } from './json-lines.ts';
export { type AsyncJob, type JobState, readAsyncJob } from './read-async-job.ts';
export { type Children, readChildren } from './read-children.ts';
export { type PagedList, readPages } from './read-pages.ts';
export { readWindows, type WindowedSearch } from './read-windows.ts';
