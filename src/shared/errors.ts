export { AppError, type Result } from './app-error.ts';
export * from './error-data.ts';
