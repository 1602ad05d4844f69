/**
 * Parts that are loaded when first needed, fetched beforehand once the list is on screen and nothing else is going on: the
 * first click on "Create Connection" or "Jobs" then waits for nothing.
 */
const PARTS: readonly (() => Promise<unknown>)[] = [
  () => import('./pages/connections/form/ConnectionDialog.tsx'),
  () => import('./pages/connections/authorize/AuthorizeDialog.tsx'),
  () => import('./pages/jobs/JobsPage.tsx'),
  () => import('./pages/activity/ActivityPage.tsx'),
  () => import('./pages/data/DataPage.tsx'),
  () => import('./dialogs/Palette.tsx'),
];

export function fetchPartsWhenIdle(parts = PARTS): void {
  const [next, ...rest] = parts;
  if (!next) return;
  requestIdleCallback(() => void next().finally(() => fetchPartsWhenIdle(rest)), { timeout: 10_000 });
}
