import { describe, expect, it } from 'vitest';
import { jobSettingsSchema, MAX_COLUMNS } from './job.ts';

const settings = (columns: number) => ({
  name: 'Wide',
  connectionId: 'connection01',
  sourceObject: 'Account',
  mapping: Array.from({ length: columns }, (_, at) => ({
    target: `Column_${at}`,
    type: 'text',
    from: { kind: 'direct', path: `Field_${at}__c` },
    required: false,
  })),
  keyColumn: 'Column_0',
  mode: 'full',
  cursorField: null,
  lookbackSeconds: 0,
  filter: [],
  destination: { kind: 'cache' },
  isEnabled: true,
});

describe('what a job may map', () => {
  it('is as much as the local cache holds, and one column more is refused at the mapping with the limit', () => {
    expect(jobSettingsSchema.safeParse(settings(MAX_COLUMNS)).success).toBe(true);
    const issues = jobSettingsSchema.safeParse(settings(MAX_COLUMNS + 1)).error?.issues ?? [];
    expect(issues.map(({ path, message }) => [path, message])).toEqual([
      [['mapping'], 'The local cache holds at most 1,900 columns of a job. Remove rows of the mapping.'],
    ]);
  });
});
