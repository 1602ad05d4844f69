import { type KeyboardEvent, type MouseEvent, memo, useEffect, useRef } from 'react';
import { STATE_NAMES } from '../../../../shared/connection/state-names.ts';
import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import { reasonAdvice } from '../../../../shared/failure/rules.ts';
import type { ListedRow as Row } from '../../../../shared/ipc/contract/connection-list.ts';
import type { MenuAnchor } from '../../../components/ActionMenu.tsx';
import { ConnectorLogo } from '../../../components/ConnectorLogo.tsx';
import { IconDots, IconInfoCircle, IconTag } from '../../../components/icons.ts';
import { Part } from '../../../components/Part.tsx';
import { SafeText } from '../../../components/SafeText.tsx';
import { StateDot } from '../../../components/StateDot.tsx';
import { Tip } from '../../../components/Tip.tsx';
import { useNow } from '../../../components/use-now.ts';
import { openDialog } from '../../../stores/dialogs.ts';
import { formatCount, formatExact, formatThings } from '../../../text/format.ts';
import { safeText } from '../../../text/safe-text.ts';
import { runConnectionAction, viewFailures } from './actions.ts';
import classes from './ConnectionRow.module.css';
import { dataAsOfText, lastRunText, methodOf, remedyOf, rowLabel, stateDetail } from './row-text.ts';

export interface OpenMenu {
  readonly row: Row;
  readonly anchor: MenuAnchor;
  readonly returnFocusTo: HTMLElement | null;
}

interface ConnectionRowProps {
  readonly row: Row;
  /** The line's own key: with groups by tag a connection may stand in several. */
  readonly itemKey: string;
  readonly connector: ConnectorDescriptor | undefined;
  readonly position: number;
  readonly total: number;
  /** The keyboard is on this row: its buttons are in the tab order. */
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  /** The focus is wanted here. */
  readonly takesFocus: boolean;
  readonly onFocus: (key: string) => void;
  /** The row is chosen, or no longer; with Shift, everything from the last one. */
  readonly onChoose: (key: string, id: string, isRange: boolean) => void;
  readonly onMenu: (menu: OpenMenu) => void;
}

export const ConnectionRow = memo(function ConnectionRow(props: ConnectionRowProps) {
  const { row, itemKey, connector, position, total, isCurrent, isSelected, takesFocus, onFocus, onChoose, onMenu } =
    props;
  const { connection } = row;
  const element = useRef<HTMLDivElement>(null);
  const menuButton = useRef<HTMLButtonElement>(null);
  const method = methodOf(connector, connection);
  const detail = stateDetail(connection, method);
  const tabIndex = isCurrent ? 0 : -1;
  const nowMs = useNow();

  useEffect(() => {
    if (takesFocus) element.current?.focus({ preventScroll: true });
  }, [takesFocus]);

  const openMenuAt = (anchor: MenuAnchor, returnFocusTo: HTMLElement | null): void =>
    onMenu({ row, anchor, returnFocusTo });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
      event.preventDefault();
      if (menuButton.current) openMenuAt({ kind: 'element', element: menuButton.current }, element.current);
    } else if (event.key === 'Enter' && event.target === element.current) {
      event.preventDefault();
      runConnectionAction(row, 'edit');
    } else if (event.key === ' ' && event.target === element.current) {
      event.preventDefault();
      onChoose(itemKey, connection.id, event.shiftKey);
    }
  };
  const onContextMenu = (event: MouseEvent): void => {
    event.preventDefault();
    // The menu key also arrives here, without a pointer.
    if (event.clientX === 0 && event.clientY === 0 && menuButton.current)
      openMenuAt({ kind: 'element', element: menuButton.current }, element.current);
    else openMenuAt({ kind: 'point', x: event.clientX, y: event.clientY }, element.current);
  };

  return (
    <Part
      ref={element}
      className={classes.row}
      data-selected={isSelected || undefined}
      role="listitem"
      aria-label={rowLabel(row, detail, nowMs)}
      aria-posinset={position}
      aria-setsize={total}
      data-connection-id={connection.id}
      tabIndex={tabIndex}
      onFocus={() => onFocus(itemKey)}
      onKeyDown={onKeyDown}
      onContextMenu={onContextMenu}
    >
      <input
        type="checkbox"
        className={classes.box}
        aria-label={`Select ${safeText(connection.name)}`}
        checked={isSelected}
        tabIndex={tabIndex}
        readOnly
        onClick={(event) => onChoose(itemKey, connection.id, event.shiftKey)}
      />
      <ConnectorLogo logoPath={connector?.logoPath} monogram={connector?.monogram ?? row.connectorName.slice(0, 2)} />
      <div className={classes.what}>
        <span className={classes.nameLine}>
          <SafeText className={classes.name} text={connection.name} />
          {row.tags.length === 0 && <TagsButton row={row} tabIndex={tabIndex} />}
        </span>
        <PlaceLine row={row} />
        {row.tags.length > 0 && <TagsButton row={row} tabIndex={tabIndex} />}
      </div>
      <StateCell row={row} detail={detail} method={method} tabIndex={tabIndex} />
      <RunCell row={row} nowMs={nowMs} />
      <div className={classes.actions}>
        <button
          type="button"
          className={classes.button}
          title={formatThings(row.jobs, 'job')}
          tabIndex={tabIndex}
          onClick={() => runConnectionAction(row, 'viewJobs')}
        >
          View Jobs{' '}
          <span className={classes.count} aria-hidden="true">
            {formatCount(row.jobs)}
          </span>
        </button>
        <button
          type="button"
          className={classes.button}
          tabIndex={tabIndex}
          onClick={() => runConnectionAction(row, 'viewActivities')}
        >
          View Activities
        </button>
        <FailuresButton row={row} tabIndex={tabIndex} />
        <button
          ref={menuButton}
          type="button"
          className={classes.icon}
          aria-label="More actions"
          aria-haspopup="menu"
          tabIndex={tabIndex}
          onClick={(event) => openMenuAt({ kind: 'element', element: event.currentTarget }, event.currentTarget)}
        >
          <IconDots size={18} aria-hidden="true" />
        </button>
      </div>
    </Part>
  );
});

const MOST_TAGS = 3;

/** The row's tags; with none, a way to add the first that shows when the row is pointed at. */
function TagsButton({ row, tabIndex }: { row: Row; tabIndex: number }) {
  const { tags, connection } = row;
  const words = tags.length === 0 ? 'Add tags' : `Tags: ${tags.map((tag) => safeText(tag)).join(', ')}`;
  return (
    <button
      type="button"
      className={tags.length === 0 ? classes.addTag : classes.tags}
      title={words}
      tabIndex={tabIndex}
      onClick={() => openDialog({ kind: 'tagConnections', ids: [connection.id] })}
    >
      {tags.length === 0 && <IconTag size={14} aria-hidden="true" />}
      <span className="pb-hidden">{tags.length === 0 ? words : 'Tags:'} </span>
      {tags.slice(0, MOST_TAGS).map((tag) => (
        <bdi key={tag} className={classes.tag}>
          {safeText(tag)}
        </bdi>
      ))}
      {tags.length > MOST_TAGS && <span className={classes.tag}>+{tags.length - MOST_TAGS}</span>}
    </button>
  );
}

/** System, environment, org; and who authorized it where the state's own line says something else. */
function PlaceLine({ row }: { row: Row }) {
  const { state, authorization } = row.connection;
  const account = state.kind === 'active' ? '' : (authorization?.account ?? '');
  const parts = [row.connectorName, row.environment, row.place, account].filter((part) => part !== '');
  return (
    <span className={classes.place}>
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts have no identity but their place
        <span key={index}>
          {index > 0 && ' · '}
          <SafeText text={part} max={120} />
        </span>
      ))}
    </span>
  );
}

function StateCell({
  row,
  detail,
  method,
  tabIndex,
}: {
  row: Row;
  detail: string;
  method: { interactive: boolean } | undefined;
  tabIndex: number;
}) {
  const { state } = row.connection;
  const remedy = remedyOf(row.connection, method);
  const isBad = state.kind === 'disconnected';
  return (
    <div className={classes.state}>
      <div className={classes.stateLine}>
        <span className={classes.stateName}>
          <StateDot kind={state.kind} />
          {STATE_NAMES[state.kind]}
        </span>
        {remedy && <RemedyButton row={row} remedy={remedy} tabIndex={tabIndex} />}
      </div>
      {detail && (
        <span className={classes.reason} data-bad={isBad || undefined} title={reasonTitle(row, detail)}>
          <bdi>{safeText(detail)}</bdi>
        </span>
      )}
    </div>
  );
}

interface RemedyButtonProps {
  readonly row: Row;
  readonly remedy: NonNullable<ReturnType<typeof remedyOf>>;
  readonly tabIndex: number;
}

/** The way out; of a lost connection with the advice that goes with it, for keyboard and screen reader too. */
function RemedyButton({ row, remedy, tabIndex }: RemedyButtonProps) {
  const { state } = row.connection;
  const button = (descriptionId?: string) => (
    <button
      type="button"
      className={classes.remedy}
      aria-describedby={descriptionId}
      tabIndex={tabIndex}
      onClick={() => runConnectionAction(row, remedy.action)}
    >
      {remedy.label}
    </button>
  );
  return state.kind === 'disconnected' ? <Tip text={reasonAdvice(state.reason)}>{button}</Tip> : button();
}

/** The row has the short reason; hovering gives what the system answered and what to do. */
function reasonTitle({ connection: { state } }: Row, detail: string): string {
  if (state.kind !== 'disconnected') return safeText(detail);
  return `${safeText(state.detail, 1000)}\n${reasonAdvice(state.reason)}`;
}

function RunCell({ row, nowMs }: { row: Row; nowMs: number }) {
  return (
    <div className={classes.run}>
      <span
        title={row.lastRun ? formatExact(row.lastRun.at) : undefined}
        data-bad={row.lastRun?.status === 'failed' || undefined}
      >
        {lastRunText(row, nowMs)}
      </span>
      <span className={classes.dim} title={row.dataAsOf ? formatExact(row.dataAsOf) : undefined}>
        {dataAsOfText(row, nowMs)}
      </span>
    </div>
  );
}

function FailuresButton({ row, tabIndex }: { row: Row; tabIndex: number }) {
  if (row.failedLast24Hours === 0) return <span className={classes.noFailures} />;
  const count = row.failedLast24Hours > 999 ? '999+' : formatCount(row.failedLast24Hours);
  const cause = row.failedCause === null ? '' : ` Most often: ${safeText(row.failedCause)}`;
  return (
    <Tip
      text={`${formatThings(row.failedLast24Hours, 'failed activity', 'failed activities')} in the last 24 hours.${cause}`}
    >
      {(descriptionId) => (
        <button
          type="button"
          className={classes.failures}
          aria-describedby={descriptionId}
          tabIndex={tabIndex}
          onClick={() => viewFailures(row)}
        >
          <IconInfoCircle size={16} aria-hidden="true" />
          <span className="pb-hidden">Failed activities in the last 24 hours</span>
          <span className="pb-num" aria-hidden="true">
            {count}
          </span>
        </button>
      )}
    </Tip>
  );
}
