import { useDeferredValue, useEffect } from 'react';
import type { Update } from '../../../shared/activity/activity.ts';
import { calls } from '../../bridge.ts';
import { Ago } from '../../components/Ago.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { NotReady } from '../../components/NotReady.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import { type Column, VirtualTable } from '../../components/VirtualTable.tsx';
import { usePages } from '../../paging/use-pages.ts';
import { useActivity } from '../../stores/activity.ts';
import classes from './ActivityPage.module.css';
import type { ActivityRoute } from './activity-route.ts';
import { updateQuery } from './query.ts';

/** As main says that a value was not there: no need to strike it through. */
const NOT_SET = 'not set';

const COLUMNS: readonly Column[] = [
  { id: 'at', label: 'When', width: '104px' },
  { id: 'subject', label: 'Name', width: 'minmax(150px, 1fr)' },
  { id: 'action', label: 'Update type', width: 'minmax(130px, 0.8fr)' },
  { id: 'changes', label: 'Before and after', width: 'minmax(220px, 2fr)' },
  { id: 'by', label: 'Updated by', width: 'minmax(110px, 0.7fr)' },
];

export function Updates({
  route,
  search,
  onAsOf,
}: {
  route: ActivityRoute;
  search: string;
  onAsOf: (at: string | null) => void;
}) {
  const query = updateQuery(route, useDeferredValue(search));
  const revision = useActivity((state) => state.revision);
  const pages = usePages<Update>({
    key: JSON.stringify(query),
    revision,
    pageSize: 100,
    load: async (offset, limit) => {
      const { updates, total } = await calls.activity.updates({ ...query, offset, limit });
      return { items: updates, total };
    },
  });
  useEffect(() => onAsOf(pages.asOf), [onAsOf, pages.asOf]);
  if (pages.error || !pages.isReady)
    return <NotReady error={pages.error} sentence="Reading the changes…" onRetry={pages.retry} />;
  if (pages.total === 0)
    return (
      <EmptyState
        sentence={
          query.search === '' && route.connectionId === undefined
            ? 'Nothing has been changed yet.'
            : 'No change matches the search and filter.'
        }
      />
    );
  return (
    <VirtualTable
      label="Update Activities"
      columns={COLUMNS}
      count={pages.total}
      rowHeight={44}
      keyOf={(index) => pages.at(index)?.id ?? String(index)}
      cellsOf={(index) => {
        const update = pages.at(index);
        return update ? cellsOf(update) : null;
      }}
      onRange={pages.onRange}
    />
  );
}

function cellsOf(update: Update) {
  return [
    <Ago key="at" at={update.at} />,
    <SafeText key="subject" className={classes.title} text={update.subject} />,
    <SafeText key="action" text={update.action} />,
    <Changes key="changes" changes={update.changes} />,
    <SafeText key="by" text={update.by} />,
  ];
}

function Changes({ changes }: { changes: Update['changes'] }) {
  if (changes.length === 0) return null;
  return (
    <ul className={classes.changes}>
      {changes.map((change) => (
        <li key={change.field}>
          <SafeText text={change.field} />:{' '}
          {change.before !== '' && change.before !== NOT_SET && (
            <SafeText className={classes.before} text={change.before} />
          )}{' '}
          <SafeText text={change.after === '' ? 'nothing' : change.after} />
        </li>
      ))}
    </ul>
  );
}
