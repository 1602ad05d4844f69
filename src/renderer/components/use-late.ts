import { useEffect, useState } from 'react';

/** True once something has been so for `delayMs`: a wait that is over sooner shows nothing. */
export function useLate(isSo: boolean, delayMs = 200): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isSo) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), delayMs);
    return () => clearTimeout(timer);
  }, [isSo, delayMs]);
  return isSo && isLate;
}
