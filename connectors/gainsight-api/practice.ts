/**
 * Practice Gainsight: the tenant of Acme with its companies. Paths, envelope, limits and error codes after
 * https://support.gainsight.com/gainsight_nxt/API_and_Developer_Docs (Company, Custom Object, Data Management and error codes).
 */
import {
  PRACTICE_USERS,
  type PracticeCommand,
  type PracticeDefinition,
  type PracticeOptions,
  type PracticeReply,
  type PracticeRequest,
  type PracticeRoute,
  type PracticeSamples,
  type RunningPractice,
  startPracticeServer,
} from '../kit/practice/index.ts';
import { envelope, refuse } from './practice/refusals.ts';
import { PracticeTenant } from './practice/tenant.ts';

const DEFAULT_COMPANIES = 60;
/** 36 characters, as real ones. */
const ACCESS_KEY = 'practice-0000-4000-8000-acme000000a1';
const NEW_ACCESS_KEY = 'practice-0000-4000-8000-acme000000a2';

export const practice: PracticeDefinition = { connectorId: 'gainsight-api', start };

/** Calls in fixed windows. A refusal says nothing about when the next window begins. */
interface Window {
  readonly requests: number;
  readonly perMs: number;
  index: number;
  used: number;
}

async function start(options: PracticeOptions): Promise<RunningPractice> {
  const tenant = new PracticeTenant(options.records ?? DEFAULT_COMPANIES, Object.values(PRACTICE_USERS));
  const state = { accessKey: ACCESS_KEY, window: null as Window | null };

  const admit = (request: PracticeRequest): void => {
    if (request.headers.accesskey !== state.accessKey) throw refuse(401, 'GS_APIG_2401', 'Unauthorized');
    if (state.window !== null && !take(state.window)) throw refuse(429, 'GS_APIG_2404', 'Rate limit exceeded');
  };
  const route = (method: string, path: string, handle: (request: PracticeRequest) => PracticeReply): PracticeRoute => ({
    method,
    path,
    handle(request) {
      admit(request);
      return handle(request);
    },
  });
  const object = ({ params }: PracticeRequest): string => params.object ?? '';

  const server = await startPracticeServer({
    port: options.port,
    latencyMs: options.latencyMs,
    notFound: () => envelope(404, 'GS_APIG_1000', 'No route found'),
    routes: [
      route('GET', '/v1/meta/services/objects/list', () => tenant.listObjects()),
      route('GET', '/v1/meta/services/objects/:object/describe', (request) => tenant.describe(object(request))),
      route('POST', '/v1/data/objects/query/:object', (request) => tenant.query(object(request), request.json())),
      route('POST', '/v1/data/objects/:object', (request) => tenant.insert(object(request), request.json())),
      route('PUT', '/v1/data/objects/:object', (request) =>
        tenant.update(object(request), request.query.get('keys'), request.json()),
      ),
      route('DELETE', '/v1/data/objects/:object/:gsid', (request) =>
        tenant.remove(object(request), request.params.gsid ?? ''),
      ),
    ],
  });

  /** @returns whether it knew the command */
  const obey = (command: PracticeCommand): boolean => {
    switch (command.kind) {
      case 'revokeGrants':
      case 'changePassword':
        // The one access key of the org was reset; every integration that uses it stops.
        state.accessKey = NEW_ACCESS_KEY;
        return true;
      case 'denyObject':
        tenant.denyObject(command.object);
        return true;
      case 'denyField':
        tenant.hideField(command.object, command.field);
        return true;
      case 'rateLimit':
        state.window = { requests: command.requests, perMs: command.perSeconds * 1000, index: -1, used: 0 };
        return true;
      case 'setRecords':
        tenant.setCompanies(command.count);
        return true;
      case 'restore':
        state.accessKey = ACCESS_KEY;
        state.window = null;
        tenant.restore();
        return server.command(command);
      default:
        return server.command(command);
    }
  };

  return {
    connectorId: 'gainsight-api',
    baseUrl: server.baseUrl,
    samples: samplesAt(server.baseUrl),
    requests: server.requests,
    command(command) {
      // What happens to a key when its maker or the licence goes is not public, and keys do not expire.
      if (!obey(command)) throw new Error(`The practice Gainsight does not know the command ${command.kind}.`);
    },
    written: (name) => tenant.written(name),
    records: (name) => tenant.rows(name),
    close: () => server.close(),
  };
}

/** Windows begin at full multiples of their length by the clock, as minutes do. */
function take(window: Window): boolean {
  const index = Math.floor(Date.now() / window.perMs);
  if (index !== window.index) Object.assign(window, { index, used: 0 });
  window.used += 1;
  return window.used <= window.requests;
}

function samplesAt(baseUrl: string): PracticeSamples {
  return {
    fields: { domain: 'acme.gainsight.example' },
    secrets: { accessKey: ACCESS_KEY },
    authMethodId: 'access-key',
    token: ACCESS_KEY,
    users: [],
    apiBaseUrl: baseUrl,
  };
}
