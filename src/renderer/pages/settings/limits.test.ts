import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type TenantLimits } from '../../../shared/tenant.ts';
import { limitLines, limitsOf } from './limits.ts';

const CONNECTORS = [
  { id: 'alpha', name: 'Alpha', category: 'crm' as const },
  { id: 'beta', name: 'Beta', category: 'support' as const, maxPerTenant: 1 },
  { id: 'gamma', name: 'Gamma', category: 'files' as const },
];
const HELD = [
  { name: 'Alpha EU', connectorId: 'alpha' },
  { name: 'Gamma one', connectorId: 'gamma' },
];

describe('limits as lines', () => {
  it('shows categories and limited connectors with who holds the slots', () => {
    expect(limitLines(DEFAULT_LIMITS, CONNECTORS, HELD, new Map())).toMatchObject([
      { key: 'category crm', most: 1, heldBy: ['Alpha EU'] },
      { key: 'category support', most: 1, heldBy: [] },
      { key: 'connector beta', most: 1, own: 1 },
    ]);
  });

  it('stores a connector only where it differs from its own rule, and forgets nothing it does not show', () => {
    const before: TenantLimits = { perCategory: { crm: 1, support: 1 }, perConnector: { gone: 7, beta: 3 } };
    const changed = new Map([
      ['category crm', 2],
      ['connector beta', 1],
      ['connector gamma', 4],
    ]);
    expect(limitsOf(before, limitLines(before, CONNECTORS, HELD, changed))).toEqual({
      perCategory: { crm: 2, support: 1 },
      perConnector: { gone: 7, gamma: 4 },
    });
  });
});
