/** What the application needs from outside: Electron gives it (src/main/electron-platform.ts), and so do tests. */
import type { Connection } from '../shared/connection/connection.ts';
import type { TenantId } from '../shared/ids.ts';
import type { WorkerProcess } from './jobs/worker-process.ts';
import type { AuthorizationWindow, AuthorizationWindowOptions } from './oauth/login-window.ts';
import type { PracticeProcess } from './practice/practice-host.ts';
import type { SafeStorageLike } from './vault/keyring.ts';

export interface Platform {
  readonly application: { readonly name: string; readonly version: string };
  /** Folder of the profile. */
  readonly profile: string;
  readonly operatingSystem: NodeJS.Platform;
  readonly keyring: SafeStorageLike;
  /** Chromium's switch that chooses a keyring; empty without one. */
  readonly passwordStore: string;
  readonly selectedTenant: {
    get(): TenantId | null;
    set(id: TenantId | null): void;
  };
  readonly network: {
    isOnline(): boolean;
    /** The system's answer for a URL, as a proxy configuration script gives it. */
    resolveProxy(url: string): Promise<string>;
  };
  readonly logIn: {
    openWindow(options: AuthorizationWindowOptions): AuthorizationWindow;
    /** Opens the system browser; https, or http to this machine. */
    openBrowser(url: string): Promise<void>;
  };
  readonly processes: {
    startWorker(): WorkerProcess;
    /** @param stateFolder where the practice servers keep what they have issued */
    startPractice(port: number, stateFolder: string): PracticeProcess;
    /** Files of the built threads. */
    readonly networkThread: string;
    readonly readerThread: string;
    readonly checkThread: string;
  };
  readonly clock: Clock;
  /** Shows a reminder outside of the window; `onClick` when a person follows it. */
  remind(connection: Connection, onClick: () => void): void;
  /** The machine has been asleep. */
  onWake(listener: () => void): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that never go back. */
  monotonic(): number;
}
