/** The order of the Connections page. Main sends the first rows by it, the page shows all by it: one function for both. */
import type { ConnectionStateKind } from './state.ts';

/** What of a connection the order looks at. */
export interface Ordered {
  readonly id: string;
  readonly name: string;
  readonly state: ConnectionStateKind;
  readonly failedLast24Hours: number;
}

/** What needs somebody first, then what failed lately, then what works, then what was taken out on purpose: 0 to 4. */
export function urgencyOf(state: ConnectionStateKind, failedLast24Hours: number): number {
  switch (state) {
    case 'disconnected':
      return 0;
    case 'draft':
      return 1;
    case 'revoked':
      return 4;
    default:
      return failedLast24Hours > 0 ? 2 : 3;
  }
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Names as people sort them: "S 9" before "S 10", case and accents aside. */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b);
}

export function byUrgency(a: Ordered, b: Ordered): number {
  return (
    urgencyOf(a.state, a.failedLast24Hours) - urgencyOf(b.state, b.failedLast24Hours) ||
    collator.compare(a.name, b.name) ||
    (a.id < b.id ? -1 : 1)
  );
}
