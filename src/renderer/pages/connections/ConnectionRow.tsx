import { type KeyboardEvent, type MouseEvent, memo, useEffect, useRef } from 'react';
import { REASON_TEXTS } from '../../../shared/connection/reason-texts.ts';
import { STATE_NAMES } from '../../../shared/connection/state-names.ts';
import type { ConnectorDescriptor } from '../../../shared/connector.ts';
import type { ConnectionRow as Row } from '../../../shared/ipc/contract.ts';
import type { MenuAnchor } from '../../components/ActionMenu.tsx';
import { ConnectorLogo } from '../../components/ConnectorLogo.tsx';
import { IconDots, IconInfoCircle } from '../../components/icons.ts';
import { Part } from '../../components/Part.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import { StateDot } from '../../components/StateDot.tsx';
import { Tip } from '../../components/Tip.tsx';
import { useNow } from '../../components/use-now.ts';
import { formatCount, formatExact, formatThings } from '../../text/format.ts';
import { safeText } from '../../text/safe-text.ts';
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
  readonly connector: ConnectorDescriptor | undefined;
  readonly position: number;
  readonly total: number;
  /** The keyboard is on this row: its buttons are in the tab order. */
  readonly isCurrent: boolean;
  /** The focus is wanted here. */
  readonly takesFocus: boolean;
  readonly onFocus: (id: string) => void;
  readonly onMenu: (menu: OpenMenu) => void;
}

export const ConnectionRow = memo(function ConnectionRow(props: ConnectionRowProps) {
  const { row, connector, position, total, isCurrent, takesFocus, onFocus, onMenu } = props;
  const { connection } = row;
  const element = useRef<HTMLDivElement>(null);
  const menuButton = useRef<HTMLButtonElement>(null);
  const method = methodOf(connector, connection);
  const detail = stateDetail(connection, method);
  const tabIndex = isCurrent ? 0 : -1;

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
      role="listitem"
      aria-label={rowLabel(row, detail)}
      aria-posinset={position}
      aria-setsize={total}
      data-connection-id={connection.id}
      tabIndex={tabIndex}
      onFocus={() => onFocus(connection.id)}
      onKeyDown={onKeyDown}
      onContextMenu={onContextMenu}
    >
      <ConnectorLogo logoPath={connector?.logoPath} monogram={connector?.monogram ?? row.connectorName.slice(0, 2)} />
      <div className={classes.what}>
        <SafeText className={classes.name} text={connection.name} />
        <PlaceLine row={row} />
      </div>
      <StateCell row={row} detail={detail} method={method} tabIndex={tabIndex} />
      <RunCell row={row} />
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

function PlaceLine({ row }: { row: Row }) {
  const parts = [row.connectorName, row.environment, row.place].filter((part) => part !== '');
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
        {remedy && (
          <button
            type="button"
            className={classes.remedy}
            tabIndex={tabIndex}
            onClick={() => runConnectionAction(row, remedy.action)}
          >
            {remedy.label}
          </button>
        )}
      </div>
      {detail && (
        <span className={classes.reason} data-bad={isBad || undefined} title={reasonTitle(row, detail)}>
          <bdi>{safeText(detail)}</bdi>
        </span>
      )}
    </div>
  );
}

/** The row has the short reason; hovering gives what the system answered and what to do. */
function reasonTitle({ connection: { state } }: Row, detail: string): string {
  if (state.kind !== 'disconnected') return safeText(detail);
  return `${safeText(state.detail, 1000)}\n${REASON_TEXTS[state.reason].advice}`;
}

function RunCell({ row }: { row: Row }) {
  const nowMs = useNow();
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
