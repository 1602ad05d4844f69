/**
 * What was typed into a connection form and is not saved yet, by the form it belongs to. Main keeps it, so that it survives
 * closing the dialog, a reload, a quit and a crash; secrets are not part of it: they live in the open form only.
 */
import { create } from 'zustand';
import type { CallOutput } from '../../shared/ipc/contract.ts';
import { calls } from '../bridge.ts';
import { reportElsewhere } from '../frame/report.ts';
import type { ConnectionFormValues } from './connection-form-values.ts';

type StoredDraft = CallOutput<'drafts.list'>['drafts'][number];

export interface ConnectionDraft {
  readonly values: ConnectionFormValues;
  /** What the form held before anything was typed. */
  readonly base: ConnectionFormValues;
  readonly keptAt: string;
}

interface DraftsState {
  /** By connection id, or {@link newDraftKey} for one that does not exist yet. */
  readonly connections: Readonly<Record<string, ConnectionDraft>>;
}

export const useDrafts = create<DraftsState>()(() => ({ connections: {} }));

const NEW = 'new:';

export function newDraftKey(connectorId: string): string {
  return `${NEW}${connectorId}`;
}

/** The connector whose form was begun last and not saved. */
export function newestNewConnector(): string | undefined {
  const drafts = Object.entries(useDrafts.getState().connections).filter(([key]) => key.startsWith(NEW));
  const [newest] = drafts.sort(([, a], [, b]) => (a.keptAt < b.keptAt ? 1 : -1));
  return newest?.[0].slice(NEW.length);
}

/** A form's values without what must not be kept. */
export function withoutSecrets(values: ConnectionFormValues): ConnectionFormValues {
  return { ...values, secrets: {}, removedSecrets: [], clientSecret: '' };
}

function toStored({
  secrets: _typed,
  removedSecrets: _toGo,
  clientSecret: _pasted,
  ...values
}: ConnectionFormValues): StoredDraft['values'] {
  return values;
}

function fromStored({ values, base, keptAt }: StoredDraft): ConnectionDraft {
  const filled = (stored: StoredDraft['values']): ConnectionFormValues => ({
    ...stored,
    secrets: {},
    removedSecrets: [],
    clientSecret: '',
  });
  return { values: filled(values), base: filled(base), keptAt };
}

export async function loadDrafts(): Promise<void> {
  const { drafts } = await calls.drafts.list({});
  useDrafts.setState({ connections: Object.fromEntries(drafts.map((draft) => [draft.key, fromStored(draft)])) });
}

export function keepDraft(key: string, values: ConnectionFormValues, base: ConnectionFormValues): void {
  const draft = { values: withoutSecrets(values), base: withoutSecrets(base), keptAt: new Date().toISOString() };
  useDrafts.setState(({ connections }) => ({ connections: { ...connections, [key]: draft } }));
  calls.drafts.keep({ key, values: toStored(values), base: toStored(base) }).catch(reportElsewhere);
}

export function discardDraft(key: string): void {
  const { [key]: discarded, ...connections } = useDrafts.getState().connections;
  if (discarded === undefined) return;
  useDrafts.setState({ connections });
  calls.drafts.discard({ key }).catch(reportElsewhere);
}

/** For another tenant; main keeps those of the one before. */
export function clearDrafts(): void {
  useDrafts.setState({ connections: {} });
}
