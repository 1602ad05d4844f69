/** Jobs as the page lists them. */

import type { JobRow } from '../../../shared/ipc/contract.ts';
import { type JobSettings, jobSettingsSchema } from '../../../shared/job/job.ts';
import { foldForSearch } from '../../../shared/search-fold.ts';

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** By name; every word of the search must occur in the job's name. */
export function jobsShown(rows: readonly JobRow[], search: string, connectionId: string | undefined): JobRow[] {
  const words = foldForSearch(search).split(/\s+/).filter(Boolean);
  return rows
    .filter((row) => connectionId === undefined || row.job.connectionId === connectionId)
    .filter((row) => {
      const text = foldForSearch(row.job.name);
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => collator.compare(a.job.name, b.job.name) || (a.job.id < b.job.id ? -1 : 1));
}

/** What of a job can be edited, without what main adds to it. */
export function settingsOf(job: JobRow['job']): JobSettings {
  const {
    id: _id,
    tenantId: _tenant,
    origin: _origin,
    templateId: _template,
    createdAt: _created,
    updatedAt: _updated,
    version: _version,
    ...settings
  } = job;
  return jobSettingsSchema.parse(settings);
}
