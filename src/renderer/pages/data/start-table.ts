import type { DataTable } from '../../../shared/ipc/contract.ts';

/** The table the page opens on when none was asked for: the one with the newest rows, else the first. */
export function startTable(tables: readonly DataTable[]): DataTable | undefined {
  let newest: DataTable | undefined;
  for (const table of tables) {
    if (table.rows === 0 || table.asOf === null) continue;
    if (newest === undefined || table.asOf > (newest.asOf ?? '')) newest = table;
  }
  return newest ?? tables.find((table) => table.rows > 0) ?? tables[0];
}
