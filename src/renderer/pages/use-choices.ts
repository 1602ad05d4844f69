import { useMemo } from 'react';
import type { Choice } from '../components/PickOne.tsx';
import { useConnections } from '../stores/connections.ts';
import { useJobs } from '../stores/jobs.ts';
import { safeText } from '../text/safe-text.ts';

const byLabel = (a: Choice, b: Choice): number => a.label.localeCompare(b.label, 'en', { numeric: true });

/** Connections to filter by. One that an address names but that is gone is still there, so that the filter can be seen. */
export function useConnectionChoices(current: string | undefined): readonly Choice[] {
  const rows = useConnections((state) => state.rows);
  return useMemo(() => {
    const choices = [...rows.values()]
      .map(({ connection }) => ({ value: connection.id as string, label: safeText(connection.name) }))
      .sort(byLabel);
    return current === undefined || rows.has(current)
      ? choices
      : [...choices, { value: current, label: 'A deleted connection' }];
  }, [rows, current]);
}

export function useJobChoices(current: string | undefined): readonly Choice[] {
  const rows = useJobs((state) => state.rows);
  return useMemo(() => {
    const choices = rows.map(({ job }) => ({ value: job.id as string, label: safeText(job.name) })).sort(byLabel);
    return current === undefined || choices.some((choice) => choice.value === current)
      ? choices
      : [...choices, { value: current, label: 'A deleted job' }];
  }, [rows, current]);
}
