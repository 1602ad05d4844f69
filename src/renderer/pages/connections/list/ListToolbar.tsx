import { useMemo } from 'react';
import type { MenuAction } from '../../../components/ActionMenu.tsx';
import { MenuButton } from '../../../components/MenuButton.tsx';
import { GROUPINGS, type GroupBy, SORTS, type SortBy } from '../../../stores/connection-view.ts';
import { useConnections } from '../../../stores/connections.ts';
import { formatCount } from '../../../text/format.ts';
import { safeText } from '../../../text/safe-text.ts';
import classes from './ListToolbar.module.css';
import { type Choice, countByConnector, countByTag, GROUP_NAMES, SORT_NAMES } from './list.ts';

/** One entry of a menu in which one is chosen. */
function choice(id: string, label: string, isChecked: boolean, onSelect: () => void, detail?: string): MenuAction {
  return { id, label, isChecked, onSelect, detail };
}

function narrowingItems(
  what: 'connector' | 'tag',
  choices: readonly Choice[],
  chosen: string | null,
  total: number,
): MenuAction[] {
  const choose = (value: string | null) => () => useConnections.setState({ [what]: value });
  return [
    choice(
      'all',
      what === 'connector' ? 'All connectors' : 'All tags',
      chosen === null,
      choose(null),
      formatCount(total),
    ),
    ...choices.map(({ value, label, count }) =>
      choice(`one ${value}`, safeText(label, 60), chosen === value, choose(value), formatCount(count)),
    ),
  ];
}

/** Connector, tag, order and grouping of the list. */
export function ListToolbar() {
  const rows = useConnections((state) => state.rows);
  const filter = useConnections((state) => state.filter);
  const connector = useConnections((state) => state.connector);
  const tag = useConnections((state) => state.tag);
  const sort = useConnections((state) => state.sort);
  const group = useConnections((state) => state.group);
  const chosenName = useMemo(
    () => [...rows.values()].find((row) => row.connection.connectorId === connector)?.connectorName,
    [rows, connector],
  );
  const narrowing = { filter, connector, tag };
  const shownWithout = (counts: readonly Choice[]): number => counts.reduce((sum, { count }) => sum + count, 0);

  // The search is looked at when a menu opens: the bar itself has nothing to do with a keystroke.
  const connectorItems = (): MenuAction[] => {
    const { search } = useConnections.getState();
    const choices = countByConnector(rows.values(), search, narrowing);
    return narrowingItems('connector', choices, connector, shownWithout(choices));
  };
  const tagItems = (): MenuAction[] => {
    const { search } = useConnections.getState();
    const choices = countByTag(rows.values(), search, narrowing);
    const all = countByConnector(rows.values(), search, { ...narrowing, tag: null }).filter(
      ({ value }) => connector === null || value === connector,
    );
    return narrowingItems('tag', choices, tag, shownWithout(all));
  };
  const sortItems = (): MenuAction[] =>
    SORTS.map((value: SortBy) =>
      choice(value, SORT_NAMES[value], value === sort, () => useConnections.setState({ sort: value })),
    );
  const groupItems = (): MenuAction[] =>
    GROUPINGS.map((value: GroupBy) =>
      choice(value, GROUP_NAMES[value], value === group, () => useConnections.setState({ group: value })),
    );

  return (
    <div className={classes.bar}>
      <MenuButton
        label="Connector"
        value={connector === null ? 'All' : safeText(chosenName ?? connector, 40)}
        isSet={connector !== null}
        items={connectorItems}
      />
      <MenuButton label="Tag" value={tag === null ? 'All' : safeText(tag, 40)} isSet={tag !== null} items={tagItems} />
      <span className={classes.gap} />
      <MenuButton label="Sort" value={SORT_NAMES[sort]} items={sortItems} />
      <MenuButton label="Group" value={GROUP_NAMES[group]} isSet={group !== 'none'} items={groupItems} />
    </div>
  );
}
