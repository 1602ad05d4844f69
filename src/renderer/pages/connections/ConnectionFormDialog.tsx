import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { ConnectorDescriptor } from '../../../shared/connector.ts';
import { AppDialog } from '../../components/AppDialog.tsx';
import { ErrorNote, Note } from '../../components/ErrorNote.tsx';
import { fieldError } from '../../components/FieldError.tsx';
import { IconChevronRight } from '../../components/icons.ts';
import { Reveal } from '../../components/Reveal.tsx';
import { revealConnection } from '../../stores/connections.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { discardDraft, keepDraft, useDrafts } from '../../stores/drafts.ts';
import { formatAgo } from '../../text/format.ts';
import { AuthorizationPanel } from './AuthorizationPanel.tsx';
import classes from './ConnectionDialog.module.css';
import fieldClasses from './ConnectionFields.module.css';
import { AdvancedFields, FieldControl } from './ConnectionFields.tsx';
import { ConnectorPicker } from './ConnectorPicker.tsx';
import { ADVANCED_CONTROLS, usesOAuthApp, visibleFields } from './form.ts';
import { OAuthAppFields } from './OAuthAppFields.tsx';
import { type RailStep, StepRail } from './StepRail.tsx';
import type { SecretInfo } from './secret-info.ts';
import { TestSteps } from './TestSteps.tsx';
import { type AuthorizationWay, useAuthorization } from './use-authorization.ts';
import { type ConnectionForm, type FormStart, useConnectionForm } from './use-connection-form.ts';

interface ConnectionFormDialogProps {
  readonly title: string;
  readonly draftKey: string;
  readonly start: FormStart;
  readonly secrets?: readonly SecretInfo[];
  readonly connectors: readonly ConnectorDescriptor[];
  readonly isTop: boolean;
  readonly onClose: () => void;
  /** Another connector was chosen; the name goes along when it was typed. Absent when the connector is fixed. */
  readonly onConnector?: (connector: ConnectorDescriptor, typedName: string | null) => void;
  /** Begins again from what is stored. */
  readonly onStartOver: () => void;
}

/** Details and authorization of one connection, new or existing: one form made from the connector's description. */
export function ConnectionFormDialog({
  title,
  draftKey,
  start,
  secrets = [],
  connectors,
  isTop,
  onClose,
  onConnector,
  onStartOver,
}: ConnectionFormDialogProps) {
  const form = useConnectionForm(start);
  const authorization = useAuthorization();
  const baseId = useId();
  const idOf = (control: string): string => `${baseId}-${control}`;
  const isLoggingIn = authorization.progress.kind === 'running';
  const isBusy = form.busy !== null || isLoggingIn;
  const finish = (id: string): void => {
    discardDraft(draftKey);
    onClose();
    revealConnection(id);
  };
  const close = (): void => {
    if (form.isDirty) keepDraft(draftKey, form.values, form.row?.connection.version ?? null);
    else discardDraft(draftKey);
    onClose();
  };

  const save = async (): Promise<void> => {
    const saved = await form.save('save');
    if (!saved) return;
    finish(saved.row.connection.id);
    if (saved.needsAuthorization && form.method.interactive)
      openDialog({ kind: 'authorizeConnection', id: saved.row.connection.id });
  };
  const authorize = async (way?: AuthorizationWay): Promise<void> => {
    const saved = await form.save('authorize');
    if (!saved) return;
    const { id } = saved.row.connection;
    if (await authorization.start({ id, way })) finish(id);
  };
  const again = async (how: { way: AuthorizationWay } | { confirmFlowId: string }): Promise<void> => {
    const id = form.row?.connection.id;
    if (!id) return;
    const granted =
      'way' in how
        ? await authorization.restart({ id, way: how.way })
        : await authorization.start({ id, confirmFlowId: how.confirmFlowId });
    if (granted) finish(id);
  };

  const wantsLogin = form.method.interactive && (form.row === null || form.row.connection.state.kind !== 'active');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isBusy) void (wantsLogin ? authorize() : save());
  };
  useFocusOnError(form.errors, idOf);

  return (
    <AppDialog
      title={title}
      isTop={isTop}
      onClose={close}
      size={760}
      footer={
        <Footer
          form={form}
          isLoggingIn={isLoggingIn}
          wantsLogin={wantsLogin}
          onCancel={isLoggingIn ? () => void authorization.cancel() : close}
          onSave={() => void save()}
          onAuthorize={() => void authorize()}
        />
      }
    >
      <div className={classes.columns}>
        <StepRail steps={railOf(form, isLoggingIn)} />
        <form id={`${baseId}-form`} className={classes.form} onSubmit={onSubmit} noValidate>
          <ConnectorPicker
            connectors={connectors}
            chosen={form.connector}
            error={form.errors.connectorId}
            isFixed={onConnector === undefined || form.row !== null}
            onChoose={(next) =>
              next.id !== form.connector.id &&
              onConnector?.(next, form.values.name === form.pristine.name ? null : form.values.name)
            }
          />
          <DraftNote draftKey={draftKey} onDiscard={onStartOver} />
          <PracticeNote form={form} />
          <Details form={form} idOf={idOf} secrets={secrets} />
          {form.errors.form !== undefined && (
            <Reveal on={form.errors.form}>
              <FormProblem form={form} onReload={onStartOver} />
            </Reveal>
          )}
          {form.steps && (
            <Reveal on={`${form.steps.length} ${form.busy}`}>
              <TestSteps steps={form.steps} />
            </Reveal>
          )}
          {authorization.progress.kind !== 'idle' && (
            <Reveal on={authorization.progress.kind}>
              <AuthorizationPanel
                progress={authorization.progress}
                onOtherWay={(way) => void again({ way })}
                onConfirm={(confirmFlowId) => void again({ confirmFlowId })}
                onRefuse={authorization.reset}
              />
            </Reveal>
          )}
          {/* Lets Enter submit from any text control. */}
          <button type="submit" hidden disabled={isBusy} aria-hidden="true" tabIndex={-1} />
        </form>
      </div>
    </AppDialog>
  );
}

function railOf(form: ConnectionForm, isLoggingIn: boolean): RailStep[] {
  const isLast = isLoggingIn || form.busy !== null || form.steps !== null;
  return [
    { label: 'Connector', detail: form.connector.name, state: 'done' },
    { label: 'Details', state: isLast ? 'done' : 'current' },
    { label: form.method.interactive ? 'Log-in' : 'Check', state: isLast ? 'current' : 'ahead' },
  ];
}

/** After a refused attempt the focus goes to the first control that is wrong. */
function useFocusOnError(errors: Readonly<Record<string, string>>, idOf: (control: string) => string): void {
  const seen = useRef(errors);
  useEffect(() => {
    if (seen.current === errors) return;
    seen.current = errors;
    const wrong = Object.keys(errors)
      .map((control) => document.getElementById(idOf(control)))
      .filter((element) => element !== null);
    const hasFocus = wrong.includes(document.activeElement as HTMLElement);
    if (!hasFocus) wrong[0]?.focus();
  });
}

function DraftNote({ draftKey, onDiscard }: { draftKey: string; onDiscard: () => void }) {
  const [draft] = useState(() => useDrafts.getState().connections[draftKey]);
  if (!draft) return null;
  return (
    <Note
      action={
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            discardDraft(draftKey);
            onDiscard();
          }}
        >
          Discard
        </Button>
      }
    >
      This is your draft, kept {formatAgo(draft.keptAt, Date.now())}. Secrets are never kept.
    </Note>
  );
}

function PracticeNote({ form }: { form: ConnectionForm }) {
  const users = form.practice?.users ?? [];
  if (users.length === 0 || !form.method.interactive) return null;
  return (
    <Note>
      Practice people to log in as:
      <ul className={classes.people}>
        {users.map((user) => (
          <li key={user.email}>
            {user.name}: <code>{user.email}</code>, password <code>{user.password}</code>
          </li>
        ))}
      </ul>
    </Note>
  );
}

function FormProblem({ form, onReload }: { form: ConnectionForm; onReload: () => void }) {
  const { errors } = form;
  const isVaultClosed = errors.code === 'vault_locked' || errors.code === 'vault_unavailable';
  if (errors.form === undefined) return null;
  return (
    <ErrorNote message={errors.form}>
      {isVaultClosed && <VaultRemedy isLocked={errors.code === 'vault_locked'} />}
      {errors.conflict !== undefined && form.row && <Remedy onClick={onReload}>Load what is stored now</Remedy>}
    </ErrorNote>
  );
}

function VaultRemedy({ isLocked }: { isLocked: boolean }) {
  return (
    <Remedy onClick={() => openDialog({ kind: isLocked ? 'unlockVault' : 'protectVault' })}>
      {isLocked ? 'Unlock vault' : 'Set a passphrase'}
    </Remedy>
  );
}

function Remedy({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <Button size="compact-sm" variant="default" mt={6} display="block" onClick={onClick}>
      {children}
    </Button>
  );
}

function Details({
  form,
  idOf,
  secrets,
}: {
  form: ConnectionForm;
  idOf: (control: string) => string;
  secrets: readonly SecretInfo[];
}) {
  const { connector, method, values, errors, change } = form;
  const [wantsAdvanced, setWantsAdvanced] = useState(false);
  const isAdvancedOpen = wantsAdvanced || ADVANCED_CONTROLS.some((control) => errors[control] !== undefined);
  return (
    <>
      <TextInput
        id={idOf('name')}
        label="Name of the Connection"
        value={values.name}
        error={fieldError(errors.name)}
        onChange={(event) => change({ name: event.currentTarget.value }, 'name')}
        onFocus={(event) => event.currentTarget.select()}
        autoComplete="off"
        aria-required
        data-autofocus
      />
      {connector.authMethods.length > 1 && (
        <NativeSelect
          id={idOf('authMethodId')}
          label="Authentication method"
          error={fieldError(errors.authMethodId)}
          data={connector.authMethods.map((each) => ({ value: each.id, label: each.label }))}
          value={method.id}
          onChange={(event) => change({ authMethodId: event.currentTarget.value })}
        />
      )}
      <div className={fieldClasses.fields}>
        {visibleFields(connector, values).map((field) => (
          <FieldControl
            key={field.name}
            id={idOf(field.name)}
            field={field}
            value={values.fields[field.name]}
            secret={values.secrets[field.name] ?? ''}
            secretInfo={secrets.find((secret) => secret.name === field.name)}
            isFilledIn={form.row === null && form.practice?.filledSecrets.includes(field.name) === true}
            error={errors[field.name]}
            onValue={(value) => change({ fields: { ...values.fields, [field.name]: value } }, field.name)}
            onSecret={(value) => change({ secrets: { ...values.secrets, [field.name]: value } }, field.name)}
          />
        ))}
      </div>
      {usesOAuthApp(method) && (
        <OAuthAppFields
          idOf={idOf}
          connectorName={connector.name}
          method={method}
          app={form.app}
          clientId={values.clientId}
          clientSecret={values.clientSecret}
          errors={errors}
          onClientId={(clientId) => change({ clientId }, 'clientId')}
          onClientSecret={(clientSecret) => change({ clientSecret }, 'clientSecret')}
        />
      )}
      <button
        type="button"
        className={classes.disclosure}
        aria-expanded={isAdvancedOpen}
        aria-controls={idOf('advanced')}
        onClick={() => setWantsAdvanced(!isAdvancedOpen)}
      >
        <IconChevronRight size={16} aria-hidden="true" />
        Advanced
      </button>
      <div id={idOf('advanced')} className={classes.advanced} hidden={!isAdvancedOpen}>
        <AdvancedFields
          idOf={idOf}
          hasLoginHost={connector.hasLoginHost}
          apiBaseUrl={values.apiBaseUrl}
          loginBaseUrl={values.loginBaseUrl}
          allowPrivateNetwork={values.allowPrivateNetwork}
          errors={errors}
          onChange={change}
        />
      </div>
    </>
  );
}

interface FooterProps {
  readonly form: ConnectionForm;
  readonly isLoggingIn: boolean;
  readonly wantsLogin: boolean;
  readonly onCancel: () => void;
  readonly onSave: () => void;
  readonly onAuthorize: () => void;
}

function Footer({ form, isLoggingIn, wantsLogin, onCancel, onSave, onAuthorize }: FooterProps) {
  const isBusy = form.busy !== null || isLoggingIn;
  const isTesting = form.busy === 'testing';
  return (
    <>
      <Button variant="default" onClick={onCancel}>
        {isLoggingIn ? 'Cancel the log-in' : 'Cancel'}
      </Button>
      {isTesting ? (
        <Button variant="default" onClick={() => void form.stopTest()}>
          Stop the test
        </Button>
      ) : (
        <Button variant="default" disabled={isBusy} onClick={() => void form.test()}>
          Test Connection
        </Button>
      )}
      <Button
        variant={wantsLogin ? 'default' : 'filled'}
        disabled={isBusy && form.busy !== 'saving'}
        loading={form.busy === 'saving' && !wantsLogin}
        onClick={onSave}
      >
        Save
      </Button>
      {form.method.interactive && (
        <Button
          variant={wantsLogin ? 'filled' : 'default'}
          disabled={isBusy && !isLoggingIn && form.busy !== 'saving'}
          loading={isLoggingIn || (form.busy === 'saving' && wantsLogin)}
          onClick={onAuthorize}
        >
          {form.row === null || form.row.connection.state.kind === 'draft' ? 'Authorize' : 'Re-Authorize'}
        </Button>
      )}
    </>
  );
}
