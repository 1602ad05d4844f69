// What of the jobs is asked anew when some have changed, of a `window` that answers as main does.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ConnectionId, connectionIdSchema, jobIdSchema } from '../../shared/ids.ts';
import type { JobRow } from '../../shared/ipc/contract.ts';
import { sampleRow } from '../testing/samples.ts';
import { clearJobs, needJobs, reloadJobsSoon, useJobs } from './jobs.ts';

const [crm, support] = ['connection0001', 'connection0002'].map((id) => connectionIdSchema.parse(id)) as [
  ConnectionId,
  ConnectionId,
];

function jobRow(id: string, connectionId: ConnectionId, name: string): JobRow {
  const { tenantId, createdAt, state, connectorId } = sampleRow().connection;
  return {
    job: {
      id: jobIdSchema.parse(id),
      tenantId,
      connectionId,
      name,
      sourceObject: 'Account',
      mapping: [],
      keyColumn: 'Id',
      mode: 'full',
      cursorField: null,
      lookbackSeconds: 0,
      filter: [],
      destination: { kind: 'cache' },
      isEnabled: true,
      origin: 'custom',
      templateId: null,
      createdAt,
      updatedAt: createdAt,
      version: 1,
    },
    connectionName: 'CRM',
    connectorId,
    connectionState: state,
    destinationName: 'Local cache',
    scheduleType: 'On Demand',
    lastRun: null,
    running: null,
    cannotRun: null,
  };
}

let stored: JobRow[];
let asked: unknown[];
const names = () =>
  useJobs
    .getState()
    .rows.map(({ job }) => job.name)
    .sort();

beforeEach(async () => {
  stored = [jobRow('job00000001', crm, 'Accounts'), jobRow('job00000002', support, 'Tickets')];
  asked = [];
  const list = async (json: string): Promise<string> => {
    const input = JSON.parse(json) as { connectionId?: ConnectionId };
    asked.push(input);
    const rows = stored.filter(
      ({ job }) => input.connectionId === undefined || job.connectionId === input.connectionId,
    );
    return JSON.stringify({ ok: true, value: { rows } });
  };
  Object.assign(globalThis, { window: { patchbay: { calls: { jobs: { list } }, events: {} } } });
  needJobs();
  await vi.waitFor(() => expect(names()).toEqual(['Accounts', 'Tickets']));
  asked = [];
});
afterEach(() => {
  clearJobs();
  Reflect.deleteProperty(globalThis, 'window');
});

it('asks for the jobs of the connection whose jobs or runs have changed, once, and leaves the others', async () => {
  stored = [jobRow('job00000003', crm, 'Contacts'), jobRow('job00000002', support, 'not asked for')];
  for (let n = 0; n < 3; n += 1) reloadJobsSoon({ connectionId: crm });
  await vi.waitFor(() => expect(names()).toEqual(['Contacts', 'Tickets']));
  expect(asked).toEqual([{ connectionId: crm }]);
});

it('asks for all where those of any connection may have changed', async () => {
  stored = [jobRow('job00000002', support, 'Cases')];
  reloadJobsSoon({ connectionId: crm });
  reloadJobsSoon({ connectionId: null });
  await vi.waitFor(() => expect(names()).toEqual(['Cases']));
  expect(asked).toEqual([{}]);
});

it('asks for none of a tenant that is no longer shown', async () => {
  vi.useFakeTimers();
  reloadJobsSoon({ connectionId: crm });
  clearJobs();
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect(asked).toEqual([]);
  expect(names()).toEqual([]);
});
