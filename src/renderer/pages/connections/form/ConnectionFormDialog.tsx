import { Button } from '@mantine/core';
import { type FormEvent, useEffect, useId, useRef } from 'react';
import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import type { ConnectionId } from '../../../../shared/ids.ts';
import { AppDialog } from '../../../components/AppDialog.tsx';
import { Reveal } from '../../../components/Reveal.tsx';
import { revealConnection } from '../../../stores/connections.ts';
import { openDialog } from '../../../stores/dialogs.ts';
import { offerNextStep } from '../../../stores/next-step.ts';
import { AuthorizationPanel } from '../authorize/AuthorizationPanel.tsx';
import { type AuthorizationWay, useAuthorization } from '../authorize/use-authorization.ts';
import { useOfflineReason } from '../authorize/use-offline-reason.ts';
import type { SecretInfo } from '../credentials/secret-info.ts';
import { ConflictNote } from './ConflictNote.tsx';
import { ConnectionDetails } from './ConnectionDetails.tsx';
import classes from './ConnectionDialog.module.css';
import { DraftNote, FormProblem, PracticeNote, SlotNote } from './ConnectionFormNotes.tsx';
import { ConnectorPicker } from './ConnectorPicker.tsx';
import { EditConsequences } from './EditConsequences.tsx';
import { type RailStep, StepRail } from './StepRail.tsx';
import { TestSteps } from './TestSteps.tsx';
import { type ConnectionForm, type FormStart, useConnectionForm } from './use-connection-form.ts';
import { useKeptDraft } from './use-kept-draft.ts';

interface ConnectionFormDialogProps {
  readonly title: string;
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
  const draft = useKeptDraft(form, start.row === null);
  const finish = (id: string): void => {
    draft.discard();
    onClose();
    revealConnection(id);
  };
  /** Its first authorization: until now it was new, or a draft. */
  const isFirst = start.row === null || start.row.connection.state.kind === 'draft';
  const authorized = (id: ConnectionId): void => {
    finish(id);
    if (isFirst) offerNextStep(id);
  };
  const startOver = (): void => {
    draft.discard();
    onStartOver();
  };
  const close = (): void => {
    draft.keep();
    onClose();
  };

  const save = async (): Promise<void> => {
    const saved = await form.save('save');
    if (!saved) return;
    finish(saved.row.connection.id);
    if (isFirst && saved.row.connection.state.kind === 'active') offerNextStep(saved.row.connection.id);
    if (saved.needsAuthorization && form.method.interactive)
      openDialog({ kind: 'authorizeConnection', id: saved.row.connection.id });
  };
  const reAuthorize = (): void => {
    if (!form.row) return;
    close();
    openDialog({ kind: 'authorizeConnection', id: form.row.connection.id });
  };
  const authorize = async (way?: AuthorizationWay): Promise<void> => {
    const saved = await form.save('authorize');
    if (!saved) return;
    const { id } = saved.row.connection;
    if (await authorization.start({ id, way })) authorized(id);
  };
  const again = async (how: { way: AuthorizationWay } | { confirmFlowId: string }): Promise<void> => {
    const id = form.row?.connection.id;
    if (!id) return;
    const granted =
      'way' in how
        ? await authorization.restart({ id, way: how.way })
        : await authorization.start({ id, confirmFlowId: how.confirmFlowId });
    if (granted) authorized(id);
  };

  const state = form.row?.connection.state.kind ?? 'draft';
  // Of one that exists, an edit is saved: Re-Authorize is a button of its own.
  const wantsLogin = form.method.interactive && state === 'draft';
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
            onChoose={(next) => {
              if (next.id === form.connector.id) return;
              draft.keep();
              onConnector?.(next, form.values.name === form.pristine.name ? null : form.values.name);
            }}
          />
          {start.draft && <DraftNote keptAt={start.draft.keptAt} onDiscard={startOver} />}
          <SlotNote form={form} onLeave={close} />
          <PracticeNote form={form} />
          <ConnectionDetails form={form} idOf={idOf} secrets={secrets} />
          <EditConsequences form={form} />
          {form.conflict !== null && (
            <Reveal on={String(form.row?.connection.version)}>
              <ConflictNote form={form} conflict={form.conflict} onReload={startOver} />
            </Reveal>
          )}
          {form.errors.form !== undefined && (
            <Reveal on={form.errors.form}>
              <FormProblem form={form} onReAuthorize={reAuthorize} />
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
                state={state}
                isLogIn={form.method.interactive}
                onOtherWay={(way) => void again({ way })}
                onConfirm={(confirmFlowId) => void again({ confirmFlowId })}
                onRefuse={() => form.row && void authorization.refuse(form.row.connection.id)}
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
    { label: form.method.interactive ? 'Authorize' : 'Test', state: isLast ? 'current' : 'ahead' },
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
  const offline = useOfflineReason(form.values.allowPrivateNetwork);
  return (
    <>
      {offline !== null && <span className={classes.offline}>{offline}</span>}
      <Button variant="default" onClick={onCancel}>
        {isLoggingIn ? 'Cancel the log-in' : 'Cancel'}
      </Button>
      {isTesting ? (
        <Button variant="default" onClick={() => void form.stopTest()}>
          Stop the test
        </Button>
      ) : (
        <Button variant="default" disabled={isBusy || offline !== null} onClick={() => void form.test()}>
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
          disabled={offline !== null || (isBusy && !isLoggingIn && form.busy !== 'saving')}
          loading={isLoggingIn || (form.busy === 'saving' && wantsLogin)}
          onClick={onAuthorize}
        >
          {wantsLogin ? 'Authorize' : 'Re-Authorize'}
        </Button>
      )}
    </>
  );
}
