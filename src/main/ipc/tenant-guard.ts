import { AppError } from '../../shared/app-error.ts';
import type { ActivityId, ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import type { CallName } from '../../shared/ipc/channels.ts';
import type { SubjectKind } from '../../shared/ipc/contract/entry.ts';
import { CONTRACT } from '../../shared/ipc/contract.ts';
import type { Store } from '../../store/store.ts';

export interface TenantGuardPorts {
  readonly store: Pick<Store, 'connections' | 'jobs' | 'executions'>;
  readonly selected: () => TenantId | null;
}

type Owned = 'connection' | 'job' | 'activity';
type NamedIds = Readonly<Record<Owned, readonly string[]>>;

/**
 * Refuses calls about what belongs to another tenant than the page shows, by the `subject` that each entry of the contract
 * declares. Ids of nothing are left to the call itself. Tenants may be named: the page manages all of them.
 */
export function createTenantGuard({ store, selected }: TenantGuardPorts): (call: CallName, input: unknown) => void {
  const isForeign: Record<Owned, (ids: readonly string[], tenantId: TenantId | null) => boolean> = {
    connection: (ids, tenantId) => store.connections.isAnyOutside(tenantId, ids as ConnectionId[]),
    job: (ids, tenantId) => ids.some((id) => isOther(store.jobs.get(id as JobId), tenantId)),
    activity: (ids, tenantId) => ids.some((id) => isOther(store.executions.get(id as ActivityId), tenantId)),
  };
  return (call, input) => {
    if (worksInEveryTenant(call)) return;
    const named = idsNamed(call, input);
    const tenantId = selected();
    for (const kind of ['connection', 'job', 'activity'] as const)
      if (named[kind].length > 0 && isForeign[kind](named[kind], tenantId))
        throw new AppError('not_found', 'This belongs to another tenant. Open that tenant first.');
  };
}

function isOther(found: { readonly tenantId: TenantId } | null, tenantId: TenantId | null): boolean {
  return found !== null && found.tenantId !== tenantId;
}

function worksInEveryTenant(call: CallName): boolean {
  return CONTRACT[call].worksInEveryTenant === true;
}

function idsNamed(call: CallName, input: unknown): NamedIds {
  const named: Record<Owned, string[]> = { connection: [], job: [], activity: [] };
  const { subject } = CONTRACT[call];
  if (subject === 'none') return named;
  for (const [path, kind] of Object.entries(subject) as [string, SubjectKind][])
    if (kind !== 'none' && kind !== 'tenant') named[kind].push(...textsAt(input, path.split('.')));
  return named;
}

/** The texts that a path of the contract leads to; "ids[]" is every entry of a list. */
function textsAt(value: unknown, [step, ...rest]: readonly string[]): string[] {
  if (step === undefined) return typeof value === 'string' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const isList = step.endsWith('[]');
  const child: unknown = (value as Readonly<Record<string, unknown>>)[isList ? step.slice(0, -2) : step];
  if (!isList) return textsAt(child, rest);
  return Array.isArray(child) ? child.flatMap((one: unknown) => textsAt(one, rest)) : [];
}
