import { useSession } from '../../stores/session.ts';

/** Why nothing can be sent now, as a sentence, or null. The practice tenant's systems are on this machine. */
export function useOfflineReason(): string | null {
  const isOffline = useSession((state) => state.app?.network === 'offline' && state.tenant?.kind !== 'practice');
  return isOffline
    ? 'This machine is offline. Logging in and testing need the network; the rest can be edited and saved.'
    : null;
}
