/**
 * An Electron program that has nothing but the log-in window and what drives it. test/e2e/authorization-window.e2e.ts
 * builds it, starts it and looks at it from outside.
 */
import { app } from 'electron';
import { makeBench, testConnection } from '../../../core/oauth/testing/bench.ts';
import { AppError } from '../../../shared/app-error.ts';
import type { ConnectionId } from '../../../shared/ids.ts';
import { openAuthorizationWindow } from '../window.ts';

export interface HarnessRequest {
  readonly issuer: string;
  readonly connectionId: string;
  readonly connectionName: string;
  readonly way?: 'window' | 'browser';
}

export interface HarnessResult {
  readonly kind: 'granted' | 'cancelled' | 'failed';
  readonly code?: string;
  readonly message?: string;
  readonly accessToken?: string;
  readonly steps: readonly string[];
  readonly browserUrls: readonly string[];
}

const cancellers = new Map<string, () => void>();
const results = new Map<string, Promise<HarnessResult>>();

async function logIn({ issuer, connectionId, connectionName, way = 'window' }: HarnessRequest): Promise<HarnessResult> {
  const bench = makeBench(issuer);
  const id = connectionId as ConnectionId;
  const connection = testConnection(issuer, { id, name: connectionName });
  bench.connection = connection;
  const steps: string[] = [];
  const browserUrls: string[] = [];
  const service = bench.authorization({
    openWindow: openAuthorizationWindow,
    openBrowser: async (url) => void browserUrls.push(url),
  });
  cancellers.set(connectionId, () => service.cancelLogIn(id));
  try {
    const result = await service.logIn(connection, way, ({ step, host }) => void steps.push(`${step} ${host}`.trim()));
    if (result.kind === 'cancelled') return { kind: 'cancelled', steps, browserUrls };
    const accessToken = (await result.grant.access.current()).credentials.accessToken?.reveal() ?? '';
    return { kind: 'granted', accessToken, steps, browserUrls };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: 'failed', code: error.code, message: error.message, steps, browserUrls };
  } finally {
    await bench.close();
  }
}

app.on('window-all-closed', () => undefined);
void app.whenReady().then(() => {
  Object.assign(globalThis, {
    harness: {
      start: (request: HarnessRequest) => void results.set(request.connectionId, logIn(request)),
      result: (id: string) => results.get(id),
      cancel: (id: string) => cancellers.get(id)?.(),
    },
  });
});
