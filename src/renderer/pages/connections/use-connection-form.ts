import { useState } from 'react';
import type { ConnectorDescriptor } from '../../../shared/connector.ts';
import type { ConnectionRow, OAuthApp, PracticeDefaults, TestStep } from '../../../shared/ipc/contract.ts';
import { calls, events, toAppError } from '../../bridge.ts';
import { putConnection } from '../../stores/connections.ts';
import { isOtherClient } from './app-change.ts';
import {
  type ConnectionFormValues,
  controlOf,
  type FormErrors,
  isTouched,
  methodOfForm,
  type Stored,
  toInput,
  usesOAuthApp,
  validate,
  visibleFields,
} from './form.ts';

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
  /** On the practice tenant: people to log in as, secrets that main fills in. */
  readonly practice: PracticeDefaults | undefined;
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
      CONTROLS.includes(control) || visibleFields(connector, values).some((field) => field.name === control);
    setErrors({
      [isHere ? control : 'form']: error.message,
      ...(error.code === 'conflict' && !isHere ? { conflict: error.message } : {}),
      code: error.code,
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
    const saved = await calls.oauthApps.save({
      connectorId: connector.id,
      authMethodId: method.id,
      clientId,
      ...(clientSecret ? { clientSecret } : {}),
    });
    setApp(saved);
    setStored((before) => ({ ...before, hasClientSecret: saved.hasClientSecret }));
    change({ clientId: saved.clientId, clientSecret: '' });
  };

  const write = async (): Promise<Saved> => {
    const input = toInput(connector, values);
    if (!row) return { row: await calls.connections.create(input), needsAuthorization: false };
    return calls.connections.update({ id: row.connection.id, version: row.connection.version, input });
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
      const saved = await write();
      const kept = { ...values, secrets: {}, clientSecret: '' };
      setRow(saved.row);
      setStored((before) => ({
        ...before,
        secrets: new Set([...before.secrets, ...Object.keys(toInput(connector, values).secrets)]),
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
    busy,
    steps,
    change,
    save,
    test,
    stopTest,
    isDirty: isTouched(values, pristine),
  };
}

export type ConnectionForm = ReturnType<typeof useConnectionForm>;

function withStep(steps: readonly TestStep[], step: TestStep): readonly TestStep[] {
  return steps.some((known) => known.id === step.id)
    ? steps.map((known) => (known.id === step.id ? step : known))
    : [...steps, step];
}

function withoutApp(values: ConnectionFormValues): ConnectionFormValues {
  return { ...values, clientId: '', clientSecret: '' };
}
