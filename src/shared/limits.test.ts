import { describe, expect, it } from 'vitest';
import { fullSlotFor, limitSentence } from './limits.ts';

const none = { perCategory: {}, perConnector: {} };
const salesforce = { id: 'salesforce', name: 'Salesforce', category: 'crm' } as const;
const held = (name: string, connectorId: string, category: 'crm' | 'files') => ({ name, connectorId, category });
const crm = held('Salesforce Production', 'salesforce', 'crm');
const sentence = (...args: Parameters<typeof fullSlotFor>): string | null => {
  const slot = fullSlotFor(...args);
  return slot === null ? null : limitSentence('Acme', slot);
};

describe('the limit in the way of one more connection', () => {
  it('is the category’s own default, and names who holds the slot and where it can be changed', () => {
    expect(fullSlotFor(none, salesforce, [held('Files', 's3', 'files')])).toBeNull();
    expect(sentence(none, salesforce, [held('Other CRM', 'dynamics', 'crm')])).toBe(
      'Acme may have 1 CRM connection; "Other CRM" holds the slot. Gainsight support can raise the limit; it is then changed in Settings > Tenant with the support case.',
    );
  });

  it('is what the tenant has instead of the default, by category and by connector', () => {
    expect(fullSlotFor({ perCategory: { crm: 2 }, perConnector: {} }, salesforce, [crm])).toBeNull();
    const limits = { perCategory: { crm: 5 }, perConnector: { salesforce: 1 } };
    expect(fullSlotFor(limits, salesforce, [crm])).toMatchObject({ by: 'connector', most: 1 });
    expect(fullSlotFor({ ...limits, perConnector: {} }, { ...salesforce, maxPerTenant: 1 }, [crm])?.by).toBe(
      'connector',
    );
    expect(sentence(limits, salesforce, [crm])).toContain('Edit it instead, or delete it first.');
  });

  it('names the first of many, and none where nothing is allowed', () => {
    const many = ['A', 'B', 'C', 'D', 'E'].map((name) => held(name, 'salesforce', 'crm'));
    expect(sentence({ perCategory: { crm: 5 }, perConnector: {} }, salesforce, many)).toContain(
      '"A", "B", "C" and 2 more hold the slots',
    );
    expect(sentence({ perCategory: { crm: 0 }, perConnector: {} }, salesforce, [])).toContain(
      'Acme may have no CRM connections. Gainsight',
    );
  });
});
