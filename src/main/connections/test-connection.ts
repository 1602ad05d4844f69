import type { Connector, ConnectorContext, Identity, SourceObject } from '../../../connectors/catalog.ts';
import { apiBase, toFailure } from '../../../connectors/catalog.ts';
import type { TestStep } from '../../shared/ipc/contract.ts';

type StepId = TestStep['id'];
const NAMES: Readonly<Record<StepId, string>> = {
  configuration: 'Configuration',
  reachability: 'Name resolution and connection',
  authorization: 'Authorization',
  identity: 'Identity',
  objects: 'Objects',
  sampleRead: 'Sample read',
};

export interface ConnectionTest {
  readonly connector: Connector;
  readonly context: ConnectorContext;
  readonly onStep: (step: TestStep) => void;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

interface Outcome {
  readonly status: 'pass' | 'warn';
  readonly seen: string;
  readonly advice?: string;
}

const pass = (seen: string): Outcome => ({ status: 'pass', seen });
const UNREACHED: ReadonlySet<string> = new Set(['network', 'tls', 'timeout', 'host_refused', 'invalid_response']);

/** Reads the first page of the first object that is offered, to prove that rows come. */
async function sampleRead(
  connector: Connector,
  context: ConnectorContext,
  objects: readonly SourceObject[],
): Promise<Outcome> {
  const preferred = connector.manifest.jobs.map((job) => job.sourceObject);
  const object = objects.find((one) => preferred.includes(one.name)) ?? objects[0];
  if (object === undefined)
    return {
      status: 'warn',
      seen: 'There is no object to read.',
      advice: 'Give the user access to the objects that jobs should read.',
    };
  const fields = (await connector.fields(context, object.name)).slice(0, 5).map((field) => field.name);
  for await (const page of connector.read(context, {
    object: object.name,
    fields,
    filter: [],
    since: null,
    checkpoint: null,
  })) {
    return pass(`${object.label}: ${page.records.length} rows in the first page`);
  }
  return pass(`${object.label}: no rows`);
}

/**
 * Tests a connection in named steps and reports each as it begins and ends. A step that fails makes the later ones
 * `skipped`: they could only fail for the same reason.
 */
export async function testConnection(test: ConnectionTest): Promise<{ steps: TestStep[]; passed: boolean }> {
  const { connector, context } = test;
  const steps: TestStep[] = [];
  let hasFailed = false;
  let objects: SourceObject[] = [];
  const put = (step: TestStep): void => {
    const at = steps.findIndex((one) => one.id === step.id);
    if (at < 0) steps.push(step);
    else steps[at] = step;
    test.onStep(step);
  };
  const run = async (id: StepId, work: () => Promise<Outcome>): Promise<void> => {
    const base = { id, name: NAMES[id], advice: '', durationMs: null };
    if (hasFailed) return put({ ...base, status: 'skipped', seen: 'Not tried, because an earlier step failed.' });
    put({ ...base, status: 'running', seen: '' });
    const startedMs = test.monotonic();
    const took = (): number => Math.round(test.monotonic() - startedMs);
    try {
      const outcome = await work();
      put({ ...base, status: outcome.status, seen: outcome.seen, advice: outcome.advice ?? '', durationMs: took() });
    } catch (error) {
      hasFailed = true;
      const failure = toFailure(error);
      // A host that cannot be reached is a different finding from a host that refuses the credential.
      const failedId: StepId = id === 'authorization' && UNREACHED.has(failure.class) ? 'reachability' : id;
      if (failedId !== id)
        put({ ...base, status: 'skipped', seen: 'Not tried, because the host did not answer as expected.' });
      put({
        id: failedId,
        name: NAMES[failedId],
        status: 'fail',
        seen: failure.message,
        advice: failure.advice,
        durationMs: took(),
      });
    }
  };
  await run('configuration', async () => pass(new URL(apiBase(connector.manifest, context.urls)).host));
  await run('authorization', async () => {
    await connector.check(context);
    return pass('The system accepted the credential.');
  });
  await run('identity', async () => {
    const identity = await connector.identify(context);
    return identity.isActive
      ? pass(`${identity.account}, ${identity.org}`)
      : {
          status: 'warn',
          seen: `${identity.account} is not active.`,
          advice: 'Activate the user in the source system, or authorize as another one.',
        };
  });
  await run('objects', async () => {
    objects = await connector.objects(context);
    return pass(`${objects.length} objects can be read`);
  });
  await run('sampleRead', () => sampleRead(connector, context, objects));
  return { steps, passed: !hasFailed };
}

/** Who and which org an access belongs to, refusing a user who is not active. Shared by Save and Authorize. */
export async function identifyAndCheck(connector: Connector, context: ConnectorContext): Promise<Identity> {
  const identity = await connector.identify(context);
  await connector.check(context);
  return identity;
}
