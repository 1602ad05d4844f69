/**
 * All connectors, collected from their folders: adding a system touches nothing here. This is also the door through which
 * the app reaches what the kit offers it.
 */
import { AppError } from '../src/shared/app-error.ts';
import type { ConnectorDescriptor } from '../src/shared/connector.ts';
import type { Connector } from './kit/connector.ts';
import { parseManifest } from './kit/manifest-schema.ts';
import { describe } from './kit/runtime.ts';

const found = import.meta.glob<Connector | undefined>(['./*/manifest.ts', '!./kit/manifest.ts'], {
  eager: true,
  import: 'connector',
});

/** By id, in the order of the ids. */
const byId = collect(found);
/** Those whose manifests have been looked at whole. */
const parsed = new Set<string>();

/** @throws Error for a folder without connector, or an id that is not the folder's name */
function collect(modules: Readonly<Record<string, Connector | undefined>>): ReadonlyMap<string, Connector> {
  const collected = new Map<string, Connector>();
  for (const path of Object.keys(modules).sort()) {
    const connector = modules[path];
    const folder = path.split('/')[1] ?? '';
    if (connector === undefined) throw new Error(`connectors/${folder}/manifest.ts exports no "connector".`);
    const { id } = connector.manifest;
    if (id !== folder) throw new Error(`The connector "${id}" stands in the folder "${folder}".`);
    collected.set(id, connector);
  }
  return collected;
}

export const connectors: readonly Connector[] = [...byId.values()];

/**
 * Its manifest is checked when it is first asked for: all of them at every start would cost a start more than the rest of it.
 * The standard suite checks each of them before it is shipped.
 * @throws AppError not_found for an id no folder has: a profile made by a newer Patchbay, or a mistake
 * @throws Error for a bad manifest
 */
export function connectorById(id: string): Connector {
  const connector = byId.get(id);
  if (connector === undefined) throw new AppError('not_found', `This Patchbay has no connector "${id}".`);
  if (!parsed.has(id)) {
    parseManifest(connector.manifest);
    parsed.add(id);
  }
  return connector;
}

export function hasConnector(id: string): boolean {
  return byId.has(id);
}

/** What the page may know of every connector. */
export function describeAll(): ConnectorDescriptor[] {
  return connectors.map(describe);
}

export type { SourceObject } from '../src/shared/connector.ts';
export type { Connector } from './kit/connector.ts';
export type { Access, AccessProvider, ConnectorContext, Identity } from './kit/contract.ts';
export { ConnectorError } from './kit/contract.ts';
export { toFailure } from './kit/errors.ts';
export { classifyAddress } from './kit/http/address.ts';
export { addressLiteral } from './kit/http/hosts.ts';

export type { JobTemplate } from './kit/manifest.ts';
export { apiBase, openConnection } from './kit/runtime.ts';
export { Secret } from './kit/secret.ts';
