/** The log-in window as OAuth sees it: main opens a real one (src/main/login-window). */
import type { WirePolicy } from '../../../connectors/kit/doors/authorization.ts';
import type { AppError } from '../../shared/app-error.ts';
import type { Callback } from './flow.ts';

export interface AuthorizationWindowOptions {
  readonly startUrl: string;
  readonly redirectUri: string;
  readonly connectionName: string;
  readonly connectorName: string;
  /** Hosts of the connection; the start page's own host is always among them. */
  readonly policy: WirePolicy;
  /** Told whenever another host's page is shown. */
  readonly onHost: (host: string) => void;
}

export type WindowEnd =
  | { readonly kind: 'returned'; readonly callback: Callback }
  /** The person closed the window or chose Cancel. */
  | { readonly kind: 'cancelled' }
  /** The person wants the system browser instead. */
  | { readonly kind: 'browser' }
  | { readonly kind: 'failed'; readonly error: AppError };

export interface AuthorizationWindow {
  /** Resolves when the window is gone and its session is empty. */
  readonly ended: Promise<WindowEnd>;
  focus(): void;
  close(): void;
}
