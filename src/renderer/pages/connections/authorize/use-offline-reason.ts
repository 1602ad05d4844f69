import { useSession } from '../../../stores/session.ts';

/** Why nothing can be sent now, as a sentence, or null. @param worksOffline whether what is meant may be reached without a network */
export function useOfflineReason(worksOffline: boolean): string | null {
  const isOffline = useSession((state) => state.app?.network === 'offline');
  return isOffline && !worksOffline
    ? 'This machine is offline. Logging in and testing need the network; the rest can be edited and saved.'
    : null;
}
