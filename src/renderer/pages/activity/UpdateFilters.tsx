import { PickOne } from '../../components/PickOne.tsx';
import { useConnectionChoices } from '../use-choices.ts';
import type { ActivityRoute } from './activity-route.ts';

export function UpdateFilters({
  route,
  onChange,
}: {
  route: ActivityRoute;
  onChange: (part: Partial<ActivityRoute>) => void;
}) {
  return (
    <PickOne
      label="Filter by connection"
      placeholder="All connections"
      choices={useConnectionChoices(route.connectionId)}
      value={route.connectionId ?? null}
      onChange={(connectionId) => onChange({ connectionId: connectionId ?? undefined })}
    />
  );
}
