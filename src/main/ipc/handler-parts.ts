import type { BrowserWindow } from 'electron';
import type { Secret } from '../../../connectors/catalog.ts';
import type { Core } from '../../core/open-core.ts';
import type { AppState } from '../../shared/ipc/contract.ts';
import type { PreferenceStore } from '../preferences.ts';
import type { Push } from './events.ts';

/** What the handlers of calls work with. */
export interface HandlerParts {
  readonly core: Core;
  readonly preferences: PreferenceStore;
  readonly state: () => AppState;
  readonly push: Push;
  readonly window: () => BrowserWindow | null;
  readonly asSecret: (text: string) => Secret;
  /** Ends the app and starts it again. */
  readonly restart: () => void;
}
