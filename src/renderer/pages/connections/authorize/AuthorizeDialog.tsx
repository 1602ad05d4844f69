import { Button, Radio } from '@mantine/core';
import { useEffect, useState } from 'react';
import { AppError } from '../../../../shared/app-error.ts';
import type { FieldValue } from '../../../../shared/connection/connection.ts';
import { type FieldValues, initialValues, isSecretField, visibleFields } from '../../../../shared/connector/form.ts';
import type { AuthMethodDescriptor, FieldDescriptor } from '../../../../shared/connector.ts';
import { reasonAdvice, reasonSentence } from '../../../../shared/failure/rules.ts';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import { calls, toAppError } from '../../../bridge.ts';
import { AppDialog } from '../../../components/AppDialog.tsx';
import { ErrorNote, Note } from '../../../components/ErrorNote.tsx';
import { Reveal } from '../../../components/Reveal.tsx';
import { SafeText } from '../../../components/SafeText.tsx';
import type { DialogProps } from '../../../dialogs/dialog-props.ts';
import { revealConnection, useConnections } from '../../../stores/connections.ts';
import { openDialog } from '../../../stores/dialogs.ts';
import { offerNextStep } from '../../../stores/next-step.ts';
import { useSession } from '../../../stores/session.ts';
import { cleanKey, safeText } from '../../../text/safe-text.ts';
import { RevokedNote } from '../credentials/RevokedNote.tsx';
import type { SecretInfo } from '../credentials/secret-info.ts';
import { FieldControl } from '../form/ConnectionFields.tsx';
import { controlOf, withName } from '../form/form.ts';
import { CARD_TITLES, methodOf } from '../list/row-text.ts';
import { AuthorizationCard } from './AuthorizationCard.tsx';
import { AuthorizationPanel } from './AuthorizationPanel.tsx';
import classes from './AuthorizeDialog.module.css';
import { type AuthorizationWay, useAuthorization } from './use-authorization.ts';
import { useOfflineReason } from './use-offline-reason.ts';

/** Authorize and Re-Authorize: who is authorized now, why it is asked, how to log in, and what came of it. */
export function AuthorizeDialog({ dialog, isTop, onClose }: DialogProps<'authorizeConnection'>) {
  const row = useConnections((state) => state.rows.get(dialog.id));
  const connector = useSession((state) => state.connectorById.get(row?.connection.connectorId ?? ''));
  const method = row && methodOf(connector, row.connection);
  if (!row || !method) {
    return (
      <AppDialog title="Authorize Connection" isTop={isTop} onClose={onClose}>
        <ErrorNote message="This connection is not there any more." />
      </AppDialog>
    );
  }
  return <Body row={row} method={method} connectorFields={connector?.fields ?? []} isTop={isTop} onClose={onClose} />;
}

interface BodyProps {
  readonly row: ListedRow;
  readonly method: AuthMethodDescriptor;
  readonly connectorFields: readonly FieldDescriptor[];
  readonly isTop: boolean;
  readonly onClose: () => void;
}

interface StoredKeys {
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly secrets: readonly SecretInfo[];
}

/** What is stored of the keys and their values; null until it is known. */
function useStoredKeys(id: ListedRow['connection']['id'], isWanted: boolean): StoredKeys | AppError | null {
  const [stored, setStored] = useState<StoredKeys | AppError | null>(null);
  useEffect(() => {
    if (!isWanted) return;
    calls.connections.get({ id }).then(
      ({ row, secrets }) => setStored({ fields: row.connection.fields, secrets }),
      (error: unknown) => setStored(toAppError(error)),
    );
  }, [id, isWanted]);
  return stored;
}

/** What a connection is authorized by: its method's fields, and the secrets of its connector. */
function keyFields(
  connectorFields: readonly FieldDescriptor[],
  method: AuthMethodDescriptor,
  values: FieldValues,
): FieldDescriptor[] {
  return visibleFields({ fields: connectorFields }, method, values).filter(
    (field) => isSecretField(field) || method.fields.includes(field),
  );
}

/** What has been typed over the stored keys. */
function useTypedKeys(
  stored: StoredKeys | null,
  method: AuthMethodDescriptor,
  connectorFields: readonly FieldDescriptor[],
) {
  const [values, setValues] = useState<Readonly<Record<string, FieldValue>>>({});
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const [removedSecrets, setRemovedSecrets] = useState<readonly string[]>([]);
  const all = { ...initialValues(method.fields), ...stored?.fields, ...values };
  const shown = stored === null || method.interactive ? [] : keyFields(connectorFields, method, all);
  const input = {
    fields: Object.fromEntries(
      shown.filter((field) => !isSecretField(field)).map(({ name }) => [name, all[name] ?? '']),
    ),
    secrets: Object.fromEntries(
      Object.entries(secrets).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, cleanKey(text)]])),
    ),
    removedSecrets: [...removedSecrets],
  };
  const controlsOf = (field: FieldDescriptor) => {
    const { name } = field;
    const secretInfo = stored?.secrets.find((info) => info.name === name);
    return {
      field: isSecretField(field) && secretInfo?.isReadable ? { ...field, required: false } : field,
      value: all[name],
      secret: secrets[name] ?? '',
      secretInfo,
      onValue: (value: FieldValue) => setValues((before) => ({ ...before, [name]: value })),
      onSecret: (text: string) => setSecrets((before) => ({ ...before, [name]: text })),
      removal: field.required
        ? undefined
        : {
            isRemoved: removedSecrets.includes(name),
            onChange: (isRemoved: boolean) => setRemovedSecrets((before) => withName(before, name, isRemoved)),
          },
    };
  };
  return { shown, input, controlsOf };
}

function Body({ row, method, connectorFields, isTop, onClose }: BodyProps) {
  const { connection } = row;
  const isFirst = connection.state.kind === 'draft';
  const title = isFirst ? 'Authorize Connection' : 'Re-Authorize Connection';
  const preference = useSession((state) => state.settings.authorizationWay);
  const [way, setWay] = useState<AuthorizationWay>(
    preference === 'connector' ? (method.defaultWay ?? 'window') : preference,
  );
  const answer = useStoredKeys(connection.id, !method.interactive);
  const stored = answer instanceof AppError ? null : answer;
  const keys = useTypedKeys(stored, method, connectorFields);
  const { progress, start, cancel, restart, refuse } = useAuthorization();
  const offline = useOfflineReason(row.worksOffline === true);
  const isRunning = progress.kind === 'running';

  const end = (isAuthorized: boolean): void => {
    if (!isAuthorized) return;
    onClose();
    revealConnection(connection.id);
    if (isFirst) offerNextStep(connection.id);
  };
  const begin = async (chosen: AuthorizationWay): Promise<void> => {
    const how = method.interactive ? { way: chosen } : keys.input;
    end((await start({ id: connection.id, ...how })) !== null);
  };
  const wrong = progress.kind === 'failed' ? controlOf(progress.error.field) : null;
  const isAtField = keys.shown.some(({ name }) => name === wrong);
  useEffect(() => {
    if (isAtField) document.getElementById(`authorize-${wrong}`)?.focus();
  }, [isAtField, wrong]);

  return (
    <AppDialog
      title={title}
      isTop={isTop}
      onClose={onClose}
      size={560}
      footer={
        <>
          <Button variant="default" onClick={isRunning ? () => void cancel() : onClose}>
            {isRunning && method.interactive ? 'Cancel the log-in' : 'Cancel'}
          </Button>
          <Button
            loading={isRunning}
            disabled={progress.kind === 'confirm' || offline !== null || (!method.interactive && stored === null)}
            onClick={() => void begin(way)}
            data-autofocus
          >
            {isFirst ? 'Authorize' : 'Re-Authorize'}
          </Button>
        </>
      }
    >
      <div className={classes.body}>
        <p className={classes.what}>
          <SafeText className={classes.name} text={connection.name} /> · {row.connectorName} ·{' '}
          <SafeText text={row.place} />
        </p>
        <Why row={row} method={method} />
        {answer instanceof AppError && <ErrorNote message={answer.message} />}
        {offline !== null && <Note kind="warning">{offline}</Note>}
        {connection.authorization && (
          <AuthorizationCard title={CARD_TITLES[connection.state.kind]} authorization={connection.authorization} />
        )}
        {!isFirst && (
          <p className={classes.promise}>
            Jobs, mappings and history stay. Nothing changes until the new authorization has been accepted.
          </p>
        )}
        {keys.shown.map((field) => (
          <FieldControl
            key={field.name}
            id={`authorize-${field.name}`}
            {...keys.controlsOf(field)}
            error={progress.kind === 'failed' && field.name === wrong ? progress.error.message : undefined}
          />
        ))}
        {method.interactive && !isRunning && progress.kind !== 'confirm' && (
          <WayChoice method={method} way={way} onChange={setWay} />
        )}
        {progress.kind !== 'idle' && !isAtField && (
          <Reveal on={progress.kind}>
            <AuthorizationPanel
              progress={progress}
              state={connection.state.kind}
              isLogIn={method.interactive}
              onOtherWay={
                method.interactive
                  ? (other) => void restart({ id: connection.id, way: other }).then((granted) => end(granted !== null))
                  : undefined
              }
              onConfirm={(confirmFlowId) =>
                void start({ id: connection.id, confirmFlowId }).then((granted) => end(granted !== null))
              }
              onRefuse={() => void refuse(connection.id)}
            />
          </Reveal>
        )}
        {progress.kind === 'failed' && !isAtField && (
          <Remedy code={progress.error.code} id={connection.id} onClose={onClose} />
        )}
      </div>
    </AppDialog>
  );
}

function Why({ row, method }: Pick<BodyProps, 'row' | 'method'>) {
  const { state } = row.connection;
  if (state.kind === 'revoked') return <RevokedNote id={row.connection.id} state={state} method={method} />;
  if (state.kind !== 'disconnected') return null;
  return (
    <Note kind="warning">
      <strong>{safeText(reasonSentence(state), 300)}.</strong> {reasonAdvice(state.reason)}
      {state.detail && <div className={classes.detail}>{safeText(state.detail, 600)}</div>}
    </Note>
  );
}

function WayChoice({
  method,
  way,
  onChange,
}: {
  method: AuthMethodDescriptor;
  way: AuthorizationWay;
  onChange: (way: AuthorizationWay) => void;
}) {
  return (
    <Radio.Group
      label="Log in through"
      description={method.wayReason}
      value={way}
      onChange={(value) => onChange(value === 'browser' ? 'browser' : 'window')}
    >
      <div className={classes.ways}>
        <Radio value="window" label="A window of Patchbay" />
        <Radio value="browser" label="The system browser" />
      </div>
    </Radio.Group>
  );
}

function Remedy({ code, id, onClose }: { code: string; id: ListedRow['connection']['id']; onClose: () => void }) {
  if (code === 'vault_locked' || code === 'vault_unavailable') {
    const isLocked = code === 'vault_locked';
    return (
      <Button
        variant="default"
        size="xs"
        onClick={() => openDialog({ kind: isLocked ? 'unlockVault' : 'protectVault' })}
      >
        {isLocked ? 'Unlock vault' : 'Set a passphrase'}
      </Button>
    );
  }
  const edit = (): void => {
    onClose();
    openDialog({ kind: 'editConnection', id });
  };
  return (
    <Button variant="subtle" size="compact-sm" onClick={edit}>
      Edit the connection
    </Button>
  );
}
