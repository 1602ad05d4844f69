import { Button } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { AppError } from '../../../../shared/app-error.ts';
import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import type { CallOutput, OAuthApp } from '../../../../shared/ipc/contract.ts';
import { calls, toAppError } from '../../../bridge.ts';
import { AppDialog } from '../../../components/AppDialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import type { DialogProps } from '../../../dialogs/dialog-props.ts';
import { useConnections } from '../../../stores/connections.ts';
import { newDraftKey, newestNewConnector, useDrafts } from '../../../stores/drafts.ts';
import { useSession } from '../../../stores/session.ts';
import classes from './ConnectionDialog.module.css';
import { ConnectionFormDialog } from './ConnectionFormDialog.tsx';
import { ConnectorPicker } from './ConnectorPicker.tsx';
import { emptyValues, freeName, valuesOf, withPractice } from './form.ts';
import { rebase } from './rebase.ts';
import { StepRail } from './StepRail.tsx';
import type { FormStart } from './use-connection-form.ts';

const TITLES = { create: 'Create Connection', edit: 'Edit Connection' } as const;

function useOAuthApps(): { apps: readonly OAuthApp[]; error: AppError | null; isReady: boolean } {
  const [state, setState] = useState<{ apps: readonly OAuthApp[]; error: AppError | null; isReady: boolean }>({
    apps: [],
    error: null,
    isReady: false,
  });
  useEffect(() => {
    calls.oauthApps.list({}).then(
      ({ apps }) => setState({ apps, error: null, isReady: true }),
      (error: unknown) => setState({ apps: [], error: toAppError(error), isReady: true }),
    );
  }, []);
  return state;
}

function appOf(apps: readonly OAuthApp[], connectorId: string, authMethodId: string): OAuthApp | undefined {
  return apps.find((app) => app.connectorId === connectorId && app.authMethodId === authMethodId);
}

function startOfNew(connector: ConnectorDescriptor, apps: readonly OAuthApp[], typedName: string | null): FormStart {
  const taken = new Set([...useConnections.getState().rows.values()].map((row) => row.connection.name.toLowerCase()));
  const practice = useSession.getState().practice.find((each) => each.connectorId === connector.id);
  const empty = withPractice(emptyValues(connector, freeName(connector.name, taken)), practice);
  const app = appOf(apps, connector.id, empty.authMethodId);
  const pristine = { ...empty, clientId: app?.clientId ?? '' };
  const draft = useDrafts.getState().connections[newDraftKey(connector.id)];
  // Upon what a new form would hold now: the name that was offered then may have been taken since.
  const values = draft
    ? rebase(draft.base, draft.values, pristine).values
    : { ...pristine, name: typedName ?? pristine.name };
  return {
    connector,
    values,
    pristine,
    draft,
    conflict: null,
    stored: { secrets: new Set(practice?.filledSecrets ?? []), hasClientSecret: app?.hasClientSecret ?? false },
    app,
    row: null,
    practice,
  };
}

export function CreateConnectionDialog({ dialog, isTop, onClose }: DialogProps<'createConnection'>) {
  const connectors = useSession((state) => state.connectors);
  const connectorById = useSession((state) => state.connectorById);
  const { apps, error, isReady } = useOAuthApps();
  const [chosenId, setChosenId] = useState(() => dialog.connectorId ?? newestNewConnector());
  const [typedName, setTypedName] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const connector = chosenId === undefined ? undefined : connectorById.get(chosenId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt begins from scratch
  const start = useMemo(
    () => (connector && isReady ? startOfNew(connector, apps, typedName) : null),
    [connector, apps, isReady, attempt],
  );

  if (start) {
    return (
      <ConnectionFormDialog
        key={`${start.connector.id}-${attempt}`}
        title={TITLES.create}
        start={start}
        connectors={connectors}
        isTop={isTop}
        onClose={onClose}
        onConnector={(next, name) => {
          setTypedName(name);
          setChosenId(next.id);
        }}
        onStartOver={() => {
          setTypedName(null);
          setAttempt((before) => before + 1);
        }}
      />
    );
  }
  return (
    <AppDialog
      title={TITLES.create}
      isTop={isTop}
      onClose={onClose}
      size={760}
      footer={
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      }
    >
      <div className={classes.columns}>
        <StepRail
          steps={[
            { label: 'Connector', state: 'current' },
            { label: 'Details', state: 'ahead' },
            { label: 'Authorize or Test', state: 'ahead' },
          ]}
        />
        <div className={classes.form}>
          {error && <ErrorNote message={error.message} />}
          <ConnectorPicker
            connectors={connectors}
            chosen={connector}
            error={undefined}
            isFixed={false}
            onChoose={(next) => setChosenId(next.id)}
          />
        </div>
      </div>
    </AppDialog>
  );
}

type Loaded =
  | { kind: 'loading' }
  | { kind: 'failed'; error: AppError }
  /** `attempt`: which reading it is; the form before stays until the next one is there. */
  | { kind: 'ready'; attempt: number; answer: CallOutput<'connections.get'>; apps: readonly OAuthApp[] };

function startOfExisting(
  connector: ConnectorDescriptor,
  answer: CallOutput<'connections.get'>,
  apps: readonly OAuthApp[],
): FormStart {
  const { row, secrets } = answer;
  const app = appOf(apps, connector.id, row.connection.authMethodId);
  const pristine = { ...valuesOf(connector, row), clientId: app?.clientId ?? '' };
  const draft = useDrafts.getState().connections[row.connection.id];
  const rebased = draft && rebase(draft.base, draft.values, pristine);
  return {
    connector,
    values: rebased?.values ?? pristine,
    pristine,
    draft,
    conflict:
      rebased && rebased.differences.length > 0
        ? { differences: rebased.differences, adopted: rebased.adopted, isAuthorizedAnew: false }
        : null,
    stored: {
      secrets: new Set(secrets.filter((secret) => secret.isReadable).map((secret) => secret.name)),
      hasClientSecret: app?.hasClientSecret ?? false,
      mayLackSecrets: row.connection.state.kind === 'revoked',
    },
    app,
    row,
    practice: useSession.getState().practice.find((each) => each.connectorId === connector.id),
  };
}

export function EditConnectionDialog({ dialog, isTop, onClose }: DialogProps<'editConnection'>) {
  const connectors = useSession((state) => state.connectors);
  const connectorById = useSession((state) => state.connectorById);
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let isOver = false;
    Promise.all([calls.connections.get({ id: dialog.id }), calls.oauthApps.list({})]).then(
      ([answer, { apps }]) => !isOver && setLoaded({ kind: 'ready', attempt, answer, apps }),
      (error: unknown) => !isOver && setLoaded({ kind: 'failed', error: toAppError(error) }),
    );
    return () => {
      isOver = true;
    };
  }, [dialog.id, attempt]);

  const connector = loaded.kind === 'ready' ? connectorById.get(loaded.answer.row.connection.connectorId) : undefined;
  const start = useMemo(
    () => (loaded.kind === 'ready' && connector ? startOfExisting(connector, loaded.answer, loaded.apps) : null),
    [loaded, connector],
  );
  if (loaded.kind === 'ready' && start) {
    return (
      <ConnectionFormDialog
        key={`${dialog.id}-${loaded.attempt}`}
        title={TITLES.edit}
        start={start}
        secrets={loaded.answer.secrets}
        connectors={connectors}
        isTop={isTop}
        onClose={onClose}
        onStartOver={() => setAttempt((before) => before + 1)}
      />
    );
  }
  return (
    <AppDialog
      title={TITLES.edit}
      isTop={isTop}
      onClose={onClose}
      size={760}
      footer={
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      }
    >
      {loaded.kind === 'failed' && <ErrorNote message={loaded.error.message} />}
      {loaded.kind === 'ready' && !connector && (
        <ErrorNote message="This version of Patchbay does not have the connector of this connection." />
      )}
    </AppDialog>
  );
}
