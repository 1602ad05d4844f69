import type { DATA_CALLS } from '../../../shared/ipc/contract/data.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';
import { saveCsv } from './save-csv.ts';

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

export function dataHandlers({ core, window }: HandlerParts): Pick<Handlers, keyof typeof DATA_CALLS> {
  const { reader } = core.runs;
  const jobs = core.jobs.service;
  return {
    'data.tables': () => {
      const stored = new Map(reader.tables().map((table) => [table.jobId, table]));
      return {
        tables: jobs.rows().map(({ job, connectionName }) => {
          const table = stored.get(job.id);
          return {
            jobId: job.id,
            jobName: job.name,
            connectionName,
            sourceObject: job.sourceObject,
            rows: table?.rows ?? 0,
            isIncomplete: table !== undefined && table.rows > 0 && table.isIncomplete,
            asOf: instant(table?.asOf ?? null),
            columns: (table?.columns ?? job.mapping.map(({ target, type }) => ({ name: target, type }))).map(
              ({ name, type }) => ({ name, type }),
            ),
          };
        }),
      };
    },
    'data.rows': async (query) => {
      const page = await reader.rows(query);
      return {
        columns: page.columns.map(({ name, type }) => ({ name, type })),
        rows: page.rows.map((row) => [...row]),
        total: page.total,
        asOf: instant(page.asOf),
      };
    },
    'data.exportCsv': (query) =>
      saveCsv(window(), `${jobs.get(query.jobId).name}.csv`, (path) => reader.exportRows(query, path)),
  };
}
