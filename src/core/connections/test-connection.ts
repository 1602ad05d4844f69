import type { Connector, ConnectorContext, Identity, SourceObject } from '../../../connectors/catalog.ts';
import { apiBase, ConnectorError, toFailure } from '../../../connectors/catalog.ts';
import { AppError } from '../../shared/app-error.ts';
import { speaksOf } from '../../shared/failure/rules.ts';
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
  /** The first failed call, with the truer reason where the connector found one. */
  readonly onFailure?: ((error: ConnectorError) => Promise<void>) | undefined;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

interface Outcome {
  readonly status: 'pass' | 'warn';
  readonly seen: string;
  readonly advice?: string;
}

const pass = (seen: string): Outcome => ({ status: 'pass', seen });

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

/** Named steps one after the other, each reported as it begins and ends. */
class Steps {
  readonly #test: ConnectionTest;
  readonly #steps: TestStep[] = [];
  /** What the steps after one that did not pass say. */
  #whyNot: string | null = null;

  constructor(test: ConnectionTest) {
    this.#test = test;
  }

  /** A step that fails makes the later ones `skipped`: they could only fail for the same reason. */
  async run(id: StepId, work: () => Promise<Outcome>): Promise<void> {
    const base = { id, name: NAMES[id], advice: '', durationMs: null };
    if (this.#whyNot !== null) return this.skip(id, this.#whyNot);
    this.#put({ ...base, status: 'running', seen: '' });
    const startedMs = this.#test.monotonic();
    const took = (): number => Math.round(this.#test.monotonic() - startedMs);
    try {
      const { status, seen, advice = '' } = await work();
      this.#put({ ...base, status, seen, advice, durationMs: took() });
    } catch (thrown) {
      const error = await this.#explained(thrown);
      const failure = toFailure(error);
      if (failure.class === 'cancelled') {
        this.#whyNot = 'Not tried, because the test was stopped.';
        return this.skip(id, 'Stopped before it had an answer.');
      }
      this.#whyNot = 'Not tried, because an earlier step failed.';
      // A host that cannot be reached is a different finding from a host that refuses the credential.
      const failedId: StepId =
        id === 'authorization' && speaksOf(failure.class, 'route', 'address', 'answer') ? 'reachability' : id;
      if (failedId !== id) this.skip(id, 'Not tried, because the host did not answer as expected.');
      this.#put({
        id: failedId,
        name: NAMES[failedId],
        status: 'fail',
        seen: failure.message,
        advice: failure.advice,
        durationMs: took(),
      });
    }
  }

  /** The truer reason of a failed call, as runs ask for it too. */
  async #explained(error: unknown): Promise<unknown> {
    if (!(error instanceof ConnectorError)) return error;
    const { connector, context, onFailure } = this.#test;
    const explained = await connector.explain(context, error);
    await onFailure?.(explained);
    return explained;
  }

  skip(id: StepId, seen: string): void {
    this.#put({ id, name: NAMES[id], status: 'skipped', seen, advice: '', durationMs: null });
  }

  result(): { steps: TestStep[]; passed: boolean } {
    return { steps: this.#steps, passed: this.#whyNot === null };
  }

  #put(step: TestStep): void {
    const at = this.#steps.findIndex((one) => one.id === step.id);
    if (at < 0) this.#steps.push(step);
    else this.#steps[at] = step;
    this.#test.onStep(step);
  }
}

async function configuration({ connector, context }: ConnectionTest): Promise<Outcome> {
  return pass(new URL(apiBase(connector.manifest, context.urls)).host);
}

/** Tests a connection in named steps, with the credential it has. */
export async function testConnection(test: ConnectionTest): Promise<{ steps: TestStep[]; passed: boolean }> {
  const { connector, context } = test;
  const steps = new Steps(test);
  let objects: SourceObject[] = [];
  await steps.run('configuration', () => configuration(test));
  await steps.run('authorization', async () => {
    await connector.check(context);
    return pass('The system accepted the credential.');
  });
  await steps.run('identity', async () => {
    const identity = await connector.identify(context);
    return identity.isActive
      ? pass(`${identity.account}, ${identity.org}`)
      : {
          status: 'warn',
          seen: `${identity.account} is not active.`,
          advice: 'Activate the user in the source system, or authorize as another one.',
        };
  });
  await steps.run('objects', async () => {
    objects = await connector.objects(context);
    return pass(`${objects.length} objects can be read`);
  });
  await steps.run('sampleRead', () => sampleRead(connector, context, objects));
  return steps.result();
}

const REACH_MS = 15_000;
const EVERY_STATUS = Array.from({ length: 300 }, (_, index) => 300 + index);

/** Whether a host answers HTTP at all; what it answers does not matter, and it is shown nothing. */
async function reach({ http }: ConnectorContext, base: string): Promise<string> {
  const { host } = new URL(base);
  const { status } = await http.send({
    url: `${base}/`,
    isAnonymous: true,
    headers: { accept: '*/*' },
    timeoutMs: REACH_MS,
    acceptStatus: EVERY_STATUS,
  });
  return `${host} answered with HTTP ${status}`;
}

/**
 * Tests what can be tested before there is a credential that may be used: whether the API and the log-in host answer.
 * @param why what the steps that need a credential say
 */
export async function testWithoutCredential(
  test: ConnectionTest,
  why: string,
): Promise<{ steps: TestStep[]; passed: boolean }> {
  const { connector, context } = test;
  const steps = new Steps(test);
  await steps.run('configuration', () => configuration(test));
  await steps.run('reachability', async () => {
    const { manifest } = connector;
    const api = apiBase(manifest, context.urls);
    const bases = new Set([api, context.urls.loginBaseUrl ?? manifest.endpoints.login?.(context.urls) ?? api]);
    const seen: string[] = [];
    for (const base of bases) seen.push(await reach(context, base));
    return pass(`${seen.join('; ')}.`);
  });
  for (const id of ['authorization', 'identity', 'objects', 'sampleRead'] as const) steps.skip(id, why);
  return steps.result();
}

/**
 * Who and which org an access belongs to. Shared by Save and Authorize.
 * @throws AppError authorization_failed for a user who is not active @throws ConnectorError what the system answered
 */
export async function identifyAndCheck(connector: Connector, context: ConnectorContext): Promise<Identity> {
  const identity = await connector.identify(context);
  await connector.check(context);
  if (identity.isActive) return identity;
  throw new AppError(
    'authorization_failed',
    `${identity.account} is not active in ${identity.org}. Log in as an active user.`,
  );
}
