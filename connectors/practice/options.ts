/** The command line of the practice servers. */
import { parseArgs } from 'node:util';

export interface PracticeArguments {
  /** Port of the first server; the others follow. 0 = any free ports. */
  readonly port: number;
  readonly records: number | undefined;
  readonly latencyMs: number | undefined;
  /** Ids of the systems to start; empty = all. */
  readonly connectors: readonly string[];
  /** Folder for grants that survive a restart; absent = in memory. */
  readonly stateFolder: string | undefined;
}

const DEFAULT_PORT = 42_820;

/** @throws Error in words for the person who typed it */
export function parsePracticeArguments(args: readonly string[]): PracticeArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      records: { type: 'string' },
      latency: { type: 'string' },
      connector: { type: 'string', multiple: true },
      state: { type: 'string' },
    },
  });
  return {
    port: wholeNumber('--port', values.port, 65_000) ?? DEFAULT_PORT,
    records: wholeNumber('--records', values.records, 50_000_000),
    latencyMs: wholeNumber('--latency', values.latency, 600_000),
    connectors: values.connector ?? [],
    stateFolder: values.state,
  };
}

function wholeNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text) || Number(text) > most)
    throw new Error(`${name} needs a whole number of at most ${most}, not "${text}".`);
  return Number(text);
}
