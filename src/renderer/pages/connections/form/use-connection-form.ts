import { useState } from 'react';
import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import type {
  ConnectionInput,
  ConnectionRow,
  OAuthApp,
  PracticeDefaults,
  TestStep,
} from '../../../../shared/ipc/contract.ts';
import { calls, events, toAppError } from '../../../bridge.ts';
import type { ConnectionFormValues } from '../../../stores/connection-form-values.ts';
import { putConnection } from '../../../stores/connections.ts';
import type { ConnectionDraft } from '../../../stores/drafts.ts';
import { isOtherClient } from '../credentials/app-change.ts';
import {
  controlOf,
  type FormErrors,
  fieldsOfForm,
  isTouched,
  methodOfForm,
  type Stored,
  toInput,
  usesOAuthApp,
  validate,
  valuesOf,
} from './form.ts';
import { type Difference, type Rebased, rebase, withValue } from './rebase.ts';

export type Busy = 'saving' | 'testing' | null;
type Purpose = 'save' | 'authorize' | 'test';

export interface FormStart {
  readonly connector: ConnectorDescriptor;
  readonly values: ConnectionFormValues;
  /** What the form would hold if nothing were typed. */
  readonly pristine: ConnectionFormValues;
  readonly stored: Stored;
  readonly app: OAuthApp | undefined;
  /** The connection, once it exists. */
  readonly row: ConnectionRow | null;
  /** What the values come from, when they were kept and not saved. */
  readonly draft: ConnectionDraft | undefined;
  /** The connection has changed since the draft was begun. */
  readonly conflict: Conflict | null;
  /** On the practice tenant: people to log in as, secrets that main fills in. */
  readonly practice: PracticeDefaults | undefined;
}

/** What was typed and what is stored have both moved on; what was typed stands in the form. */
export interface Conflict extends Pick<Rebased, 'differences' | 'adopted'> {
  /** It was authorized meanwhile: saving may end that. */
  readonly isAuthorizedAnew: boolean;
}

export interface Saved {
  readonly row: ConnectionRow;
  readonly needsAuthorization: boolean;
}

function newTestId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join('');
}

const CONTROLS = [
  'connectorId',
  'authMethodId',
  'name',
  'clientId',
  'clientSecret',
  'apiBaseUrl',
  'loginBaseUrl',
  'allowPrivateNetwork',
];

/** Everything a connection form knows and does; what was typed is only ever given up by a successful save. */
export function useConnectionForm(start: FormStart) {
  const { connector } = start;
  const [values, setValues] = useState(start.values);
  const [pristine, setPristine] = useState(start.pristine);
  const [row, setRow] = useState(start.row);
  const [stored, setStored] = useState(start.stored);
  const [app, setApp] = useState(start.app);
  const [conflict, setConflict] = useState(start.conflict);
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState<Busy>(null);
  const [testId, setTestId] = useState<string | null>(null);
  const [steps, setSteps] = useState<readonly TestStep[] | null>(null);
  const method = methodOfForm(connector, values);

  const change = (part: Partial<ConnectionFormValues>, control?: string): void => {
    setValues((before) => ({ ...before, ...part }));
    if (control !== undefined) setErrors(({ [control]: _mended, form: _old, ...rest }) => rest);
  };

  const fail = (thrown: unknown): void => {
    const error = toAppError(thrown);
    const control = controlOf(error.field);
    const isHere =
      CONTROLS.includes(control) || fieldsOfForm(connector, values).some((field) => field.name === control);
    setErrors({
      [isHere ? control : 'form']: error.message,
      code: error.code,
      ...(error.details?.remedy === 'reAuthorize' ? { remedy: 'reAuthorize' } : {}),
    });
  };

  /** @returns whether the form may be sent for this purpose; shows what is wrong otherwise */
  const check = (purpose: Purpose): boolean => {
    const found = validate(connector, values, stored, purpose);
    setErrors(found);
    return Object.keys(found).length === 0;
  };

  const saveApp = async (): Promise<void> => {
    const clientId = values.clientId.trim();
    const clientSecret = values.clientSecret.trim();
    const isChanged = clientId !== (app?.clientId ?? '') || clientSecret !== '';
    if (!usesOAuthApp(method) || clientId === '' || !isChanged) return;
    const { fields, overrides } = toInput(connector, values);
    const saved = await calls.oauthApps.save({
      connectorId: connector.id,
      authMethodId: method.id,
      clientId,
      ...(clientSecret ? { clientSecret, place: { fields, overrides } } : {}),
    });
    setApp(saved);
    setStored((before) => ({ ...before, hasClientSecret: saved.hasClientSecret }));
    change({ clientId: saved.clientId, clientSecret: '' });
  };

  const write = async (current: ConnectionRow | null, input: ConnectionInput): Promise<Saved> => {
    if (!current) return { row: await calls.connections.create(input), needsAuthorization: false };
    const { id, version } = current.connection;
    return calls.connections.update({ id, version, input });
  };

  /**
   * Somebody or something changed the connection since the form read it. Where that concerns nothing the form is about (a
   * run has lost the connection, say), the way is free; else what was typed is put upon what is stored, and both are shown.
   * @returns the connection as it is now, or null when a person has to look first
   */
  const meetStored = async ({ connection: before }: ConnectionRow): Promise<ConnectionRow | null> => {
    const { row: current } = await calls.connections.get({ id: before.id });
    const storedValues = { ...valuesOf(connector, current), clientId: values.clientId };
    const { values: merged, differences, adopted } = rebase(pristine, values, storedValues);
    const grantedAt = current.connection.authorization?.grantedAt;
    const isAuthorizedAnew = grantedAt !== undefined && grantedAt !== before.authorization?.grantedAt;
    setRow(current);
    setPristine(storedValues);
    if (differences.length === 0 && adopted.length === 0 && !isAuthorizedAnew) return current;
    setValues(merged);
    setConflict({ differences, adopted, isAuthorizedAnew });
    return null;
  };

  const settle = (difference: Difference, choice: 'stored' | 'typed'): void => {
    setConflict(
      (before) => before && { ...before, differences: before.differences.filter(({ key }) => key !== difference.key) },
    );
    setValues((before) => withValue(before, difference.key, difference[choice]));
  };

  const writeUpon = async (input: ConnectionInput): Promise<Saved | null> => {
    try {
      return await write(row, input);
    } catch (error) {
      if (row === null || !isStale(error)) throw error;
      const current = await meetStored(row);
      return current && (await write(current, input));
    }
  };

  /** Saves when something changed since the last save. Null: it did not work, and the form says why. */
  const save = async (purpose: 'save' | 'authorize'): Promise<Saved | null> => {
    if (!check(purpose)) return null;
    setBusy('saving');
    // Its grant was given to another client: the next renewal would end it.
    const losesGrant =
      row?.connection.state.kind === 'active' &&
      isOtherClient({ stored: app, clientId: values.clientId, clientSecret: '' });
    try {
      await saveApp();
      if (row && !isTouched(withoutApp(values), withoutApp(pristine))) return { row, needsAuthorization: losesGrant };
      setConflict(null);
      const input = toInput(connector, values);
      const saved = await writeUpon(input);
      if (saved === null) return null;
      const kept = { ...values, secrets: {}, removedSecrets: [], clientSecret: '' };
      setRow(saved.row);
      setStored((before) => ({
        ...before,
        secrets: new Set(
          [...before.secrets, ...Object.keys(input.secrets)].filter((name) => !input.removedSecrets?.includes(name)),
        ),
      }));
      setValues(kept);
      setPristine(kept);
      putConnection(saved.row);
      return { ...saved, needsAuthorization: saved.needsAuthorization || losesGrant };
    } catch (error) {
      fail(error);
      return null;
    } finally {
      setBusy(null);
    }
  };

  const test = async (): Promise<void> => {
    if (!check('test')) return;
    const id = newTestId();
    setBusy('testing');
    setTestId(id);
    setSteps([]);
    const end = events.connections.testStep((event) => {
      if (event.testId === id) setSteps((before) => withStep(before ?? [], event.step));
    });
    try {
      const result = await calls.connections.test({
        testId: id,
        ...(row ? { id: row.connection.id } : {}),
        input: toInput(connector, values),
      });
      setSteps(result.steps);
    } catch (error) {
      setSteps((before) => (before && before.length > 0 ? before : null));
      fail(error);
    } finally {
      end();
      setBusy(null);
      setTestId(null);
    }
  };

  const stopTest = async (): Promise<void> => {
    if (testId !== null) await calls.connections.cancelTest({ testId }).catch(fail);
  };

  return {
    connector,
    practice: start.practice,
    method,
    values,
    pristine,
    row,
    stored,
    app,
    errors,
    conflict,
    busy,
    steps,
    change,
    settle,
    save,
    test,
    stopTest,
    isDirty: isTouched(values, pristine),
  };
}

export type ConnectionForm = ReturnType<typeof useConnectionForm>;

/** The version that was read is not the newest any more; a taken name is a conflict too, but has its field. */
function isStale(thrown: unknown): boolean {
  const { code, field } = toAppError(thrown);
  return code === 'conflict' && field === undefined;
}

function withStep(steps: readonly TestStep[], step: TestStep): readonly TestStep[] {
  return steps.some((known) => known.id === step.id)
    ? steps.map((known) => (known.id === step.id ? step : known))
    : [...steps, step];
}

function withoutApp(values: ConnectionFormValues): ConnectionFormValues {
  return { ...values, clientId: '', clientSecret: '' };
}
