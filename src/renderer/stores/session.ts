/** Who and what the window is about: tenants, the app's state, its settings, what connectors there are. */
import { create } from 'zustand';
import type { AppError } from '../../shared/app-error.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import type { AppState, CallOutput, PracticeDefaults, Settings } from '../../shared/ipc/contract.ts';
import type { Tenant } from '../../shared/tenant.ts';
import type { VaultStatus } from '../../shared/vault.ts';
import { calls, toAppError } from '../bridge.ts';

export type AppInfo = CallOutput<'app.info'>;

interface SessionState {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: AppError | null;
  readonly tenants: readonly Tenant[];
  readonly tenant: Tenant | null;
  readonly app: AppState | null;
  readonly settings: Settings;
  readonly info: AppInfo | null;
  readonly connectors: readonly ConnectorDescriptor[];
  readonly connectorById: ReadonlyMap<string, ConnectorDescriptor>;
  /** On the practice tenant: what forms are prefilled with. */
  readonly practice: readonly PracticeDefaults[];
  /** Ids of start-up notices the user has closed. */
  readonly closedNotices: ReadonlySet<string>;
}

export const useSession = create<SessionState>()(() => ({
  status: 'loading',
  error: null,
  tenants: [],
  tenant: null,
  app: null,
  settings: { theme: 'system', authorizationWay: 'connector' },
  info: null,
  connectors: [],
  connectorById: new Map(),
  practice: [],
  closedNotices: new Set(),
}));

export function withTenants(answer: CallOutput<'tenants.list'>): Pick<SessionState, 'tenants' | 'tenant'> {
  return { tenants: answer.tenants, tenant: answer.tenants.find((tenant) => tenant.id === answer.selected) ?? null };
}

function withConnectors({ connectors, practice }: CallOutput<'connectors.list'>) {
  return {
    connectors,
    practice,
    connectorById: new Map(connectors.map((connector) => [connector.id as string, connector])),
  };
}

/** Everything the frame needs, asked at once; the info is not worth waiting for. */
export async function loadSession(): Promise<void> {
  try {
    const [tenants, app, settings, connectors] = await Promise.all([
      calls.tenants.list({}),
      calls.app.state({}),
      calls.settings.get({}),
      calls.connectors.list({}),
    ]);
    useSession.setState({
      ...withTenants(tenants),
      app,
      settings,
      ...withConnectors(connectors),
      status: 'ready',
      error: null,
    });
  } catch (error) {
    useSession.setState({ status: 'failed', error: toAppError(error) });
  }
}

export async function retrySession(): Promise<void> {
  useSession.setState({ status: 'loading', error: null });
  await loadSession();
}

export async function loadInfo(): Promise<void> {
  useSession.setState({ info: await calls.app.info({}) });
}

export async function reloadTenants(): Promise<void> {
  useSession.setState(withTenants(await calls.tenants.list({})));
}

export async function reloadConnectors(): Promise<void> {
  useSession.setState(withConnectors(await calls.connectors.list({})));
}

export function setVault(vault: VaultStatus): void {
  useSession.setState(({ app }) => (app ? { app: { ...app, vault } } : {}));
}

/** It goes at once; main remembers for this session, also when the window is loaded anew. */
export async function closeNotice(id: string): Promise<void> {
  useSession.setState(({ closedNotices }) => ({ closedNotices: new Set(closedNotices).add(id) }));
  await calls.app.dismissNotice({ id });
}

export async function changeSettings(change: Partial<Settings>): Promise<void> {
  useSession.setState({ settings: await calls.settings.set(change) });
}

/** Why secrets cannot be used now; null when they can. */
export function vaultObstacle(vault: VaultStatus | undefined): 'locked' | 'unset' | 'waiting' | null {
  if (!vault || vault.state === 'unlocked') return null;
  return vault.state;
}
