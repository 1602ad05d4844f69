/** What a job's buttons and menu do. */
import type { JobRow } from '../../../shared/ipc/contract.ts';
import { calls } from '../../bridge.ts';
import type { MenuAction } from '../../components/ActionMenu.tsx';
import { reportElsewhere } from '../../frame/report.ts';
import { go } from '../../routes.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { loadJobsOf } from '../../stores/jobs.ts';
import { settingsOf } from './list.ts';

export function runNow(row: JobRow): void {
  calls.jobs.runNow({ id: row.job.id }).then(() => loadJobsOf(row.job.connectionId), reportElsewhere);
}

export function stop(row: JobRow): void {
  calls.jobs.stop({ id: row.job.id }).then(() => loadJobsOf(row.job.connectionId), reportElsewhere);
}

async function setEnabled({ job }: JobRow, isEnabled: boolean): Promise<void> {
  await calls.jobs.update({ id: job.id, version: job.version, settings: { ...settingsOf(job), isEnabled } });
  await loadJobsOf(job.connectionId);
}

export function jobMenu(row: JobRow): MenuAction[] {
  const { job } = row;
  return [
    { id: 'edit', label: 'Edit Job', onSelect: () => openDialog({ kind: 'editJob', id: job.id }) },
    {
      id: 'activities',
      label: 'View activities',
      onSelect: () => go({ page: 'activity', tab: 'executions', jobId: job.id }),
      startsGroup: true,
    },
    { id: 'data', label: 'View data', onSelect: () => go({ page: 'data', jobId: job.id }) },
    job.isEnabled
      ? {
          id: 'disable',
          label: 'Disable',
          onSelect: () => void setEnabled(row, false).catch(reportElsewhere),
          startsGroup: true,
        }
      : {
          id: 'enable',
          label: 'Enable',
          onSelect: () => void setEnabled(row, true).catch(reportElsewhere),
          startsGroup: true,
        },
    {
      id: 'delete',
      label: 'Delete Job',
      onSelect: () => openDialog({ kind: 'deleteJob', id: job.id }),
      isDangerous: true,
      startsGroup: true,
    },
  ];
}
