/**
 * What was typed into a connection form and is not saved yet. Survives closing the dialog until it is saved or discarded;
 * secrets do not: they live in the open form only.
 */
import { create } from 'zustand';
import type { ConnectionFormValues } from '../pages/connections/form.ts';

export interface ConnectionDraft {
  readonly values: ConnectionFormValues;
  readonly keptAt: string;
  /** Version of the connection the draft began from; null for one that does not exist yet. */
  readonly version: number | null;
}

interface DraftsState {
  /** By connection id, "new" for one that does not exist yet. */
  readonly connections: Readonly<Record<string, ConnectionDraft>>;
}

export const useDrafts = create<DraftsState>()(() => ({ connections: {} }));

export const NEW_DRAFT = 'new';

export function keepDraft(key: string, values: ConnectionFormValues, version: number | null): void {
  const draft = { values: { ...values, secrets: {}, clientSecret: '' }, keptAt: new Date().toISOString(), version };
  useDrafts.setState(({ connections }) => ({ connections: { ...connections, [key]: draft } }));
}

export function discardDraft(key: string): void {
  useDrafts.setState(({ connections }) => {
    const { [key]: _discarded, ...rest } = connections;
    return { connections: rest };
  });
}

export function clearDrafts(): void {
  useDrafts.setState({ connections: {} });
}
