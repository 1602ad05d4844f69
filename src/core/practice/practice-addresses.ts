/**
 * The practice servers listen on the ports they had, unless somebody has taken one meanwhile. Then what their connections
 * have kept of the old address is put right, so that nobody has to edit a connection of a system that merely moved.
 */
import { z } from 'zod';
import type { Connection } from '../../shared/connection/connection.ts';
import type { PracticeSystem } from './practice-host.ts';

/** Base URL of each practice system, by connector. */
export const practiceAddressesSchema = z.record(z.string(), z.string());
export type PracticeAddresses = z.infer<typeof practiceAddressesSchema>;

export function addressesOf(systems: readonly PracticeSystem[]): PracticeAddresses {
  return Object.fromEntries(systems.map(({ connector, baseUrl }) => [connector, baseUrl]));
}

/** The connection at its system's present address, or null when nothing of it stands at the old one. */
export function atPresentAddress(
  connection: Connection,
  before: PracticeAddresses,
  now: PracticeAddresses,
): Connection | null {
  const from = before[connection.connectorId];
  const to = now[connection.connectorId];
  if (from === undefined || to === undefined || from === to) return null;
  const overrides = moved(connection.overrides, from, to);
  const learned = moved(connection.learned, from, to);
  return overrides === null && learned === null
    ? null
    : { ...connection, overrides: overrides ?? connection.overrides, learned: learned ?? connection.learned };
}

/** @returns null when no value is at the old address; what a person typed elsewhere stays as it is */
function moved<T extends Readonly<Record<string, unknown>>>(values: T, from: string, to: string): T | null {
  const isThere = (value: unknown): value is string =>
    typeof value === 'string' && (value === from || value.startsWith(`${from}/`));
  if (!Object.values(values).some(isThere)) return null;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isThere(value) ? to + value.slice(from.length) : value]),
  ) as T;
}
