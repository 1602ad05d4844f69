import { Button } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { AppError } from '../../../shared/app-error.ts';
import type { ConnectorDescriptor } from '../../../shared/connector.ts';
import type { CallOutput, OAuthApp } from '../../../shared/ipc/contract.ts';
import { calls, toAppError } from '../../bridge.ts';
import { AppDialog } from '../../components/AppDialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import type { DialogProps } from '../../dialogs/DialogHost.tsx';
import { useConnections } from '../../stores/connections.ts';
import { NEW_DRAFT, useDrafts } from '../../stores/drafts.ts';
import { useSession } from '../../stores/session.ts';
import classes from './ConnectionDialog.module.css';
import { ConnectionFormDialog } from './ConnectionFormDialog.tsx';
import { ConnectorPicker } from './ConnectorPicker.tsx';
import { emptyValues, freeName, valuesOf, withPractice } from './form.ts';
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
  const draft = useDrafts.getState().connections[NEW_DRAFT];
  const drafted = draft?.values.connectorId === connector.id ? draft.values : null;
  const values = drafted ?? { ...pristine, name: typedName ?? pristine.name };
  return {
    connector,
    values,
    pristine,
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
  const draftedId = useDrafts.getState().connections[NEW_DRAFT]?.values.connectorId;
  const [chosenId, setChosenId] = useState(dialog.connectorId ?? draftedId);
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
        draftKey={NEW_DRAFT}
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
            { label: 'Authorization', state: 'ahead' },
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
  | { kind: 'ready'; answer: CallOutput<'connections.get'>; apps: readonly OAuthApp[] };

function startOfExisting(
  connector: ConnectorDescriptor,
  answer: CallOutput<'connections.get'>,
  apps: readonly OAuthApp[],
  mayUseDraft: boolean,
): FormStart {
  const { row, secrets } = answer;
  const app = appOf(apps, connector.id, row.connection.authMethodId);
  const pristine = { ...valuesOf(connector, row), clientId: app?.clientId ?? '' };
  const draft = useDrafts.getState().connections[row.connection.id];
  // A draft of an older version would undo what somebody else has saved since.
  const isUsable = mayUseDraft && draft?.version === row.connection.version;
  return {
    connector,
    values: isUsable ? draft.values : pristine,
    pristine,
    stored: {
      secrets: new Set(secrets.filter((secret) => secret.isReadable).map((secret) => secret.name)),
      hasClientSecret: app?.hasClientSecret ?? false,
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

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt reads again
  useEffect(() => {
    let isOver = false;
    Promise.all([calls.connections.get({ id: dialog.id }), calls.oauthApps.list({})]).then(
      ([answer, { apps }]) => !isOver && setLoaded({ kind: 'ready', answer, apps }),
      (error: unknown) => !isOver && setLoaded({ kind: 'failed', error: toAppError(error) }),
    );
    return () => {
      isOver = true;
    };
  }, [dialog.id, attempt]);

  const connector = loaded.kind === 'ready' ? connectorById.get(loaded.answer.row.connection.connectorId) : undefined;
  const start = useMemo(
    () =>
      loaded.kind === 'ready' && connector
        ? startOfExisting(connector, loaded.answer, loaded.apps, attempt === 0)
        : null,
    [loaded, connector, attempt],
  );
  if (loaded.kind === 'ready' && start) {
    return (
      <ConnectionFormDialog
        key={`${dialog.id}-${start.row?.connection.version}-${attempt}`}
        title={TITLES.edit}
        draftKey={dialog.id}
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
