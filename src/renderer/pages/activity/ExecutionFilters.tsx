import '../../theme/more-styles.ts';
import { Checkbox } from '@mantine/core';
import { executionStatusSchema } from '../../../shared/activity/activity.ts';
import { EXECUTION_STATUS_NAMES } from '../../../shared/activity/status-names.ts';
import { PickOne } from '../../components/PickOne.tsx';
import { useConnectionChoices, useJobChoices } from '../use-choices.ts';
import type { ActivityRoute } from './activity-route.ts';

const STATUSES = executionStatusSchema.options.map((status) => ({
  value: status,
  label: EXECUTION_STATUS_NAMES[status],
}));

export function ExecutionFilters({
  route,
  onChange,
}: {
  route: ActivityRoute;
  onChange: (part: Partial<ActivityRoute>) => void;
}) {
  return (
    <>
      <PickOne
        label="Filter by connection"
        placeholder="All connections"
        choices={useConnectionChoices(route.connectionId)}
        value={route.connectionId ?? null}
        onChange={(connectionId) => onChange({ connectionId: connectionId ?? undefined })}
        width={180}
      />
      <PickOne
        label="Filter by job"
        placeholder="All jobs"
        choices={useJobChoices(route.jobId)}
        value={route.jobId ?? null}
        onChange={(jobId) => onChange({ jobId: jobId ?? undefined })}
        width={180}
      />
      <PickOne
        label="Filter by status"
        placeholder="Any status"
        choices={STATUSES}
        value={route.status ?? null}
        onChange={(status) => onChange({ status: status ?? undefined })}
        width={140}
      />
      <Checkbox
        label="Failed in the last 24 hours"
        checked={route.failedLast24Hours === true}
        onChange={(event) =>
          onChange({ failedLast24Hours: event.currentTarget.checked ? true : undefined, status: undefined })
        }
      />
    </>
  );
}
