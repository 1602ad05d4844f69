import { describe, expect, it } from 'vitest';
import { activityIdSchema } from '../../../../shared/ids.ts';
import { sampleRow } from '../../../testing/samples.ts';
import { dataAsOfText, lastRunText, remedyOf, remoteText, rowLabel, stateDetail } from './row-text.ts';

const at = '2026-03-12T14:02:00.000Z';
const now = new Date(at).getTime() + 6 * 60_000;
const login = { interactive: true };
const key = { interactive: false };

describe('the words of a row', () => {
  it.each([
    ['an active one says who authorized it', sampleRow(), login, 'dana@acme.com', null],
    [
      'a lost one says why',
      sampleRow({ state: { kind: 'disconnected', since: at, reason: 'user_deactivated', detail: '401' } }),
      login,
      'The authorized user was deactivated',
      'Re-Authorize',
    ],
    [
      'a draft with a log-in',
      sampleRow({ state: { kind: 'draft' } }),
      login,
      'Nobody has authorized it yet',
      'Authorize',
    ],
    [
      'a draft with a key',
      sampleRow({ state: { kind: 'draft' } }),
      key,
      'Its key has not been accepted yet',
      'Finish set-up',
    ],
    [
      'a revoked one says what the provider knows',
      sampleRow({ state: { kind: 'revoked', since: at, remote: 'pending' } }),
      login,
      'Revoked here; the provider is told when it can be reached',
      'Re-Authorize',
    ],
    [
      'a revoked one with keys says that they are still valid elsewhere',
      sampleRow({ state: { kind: 'revoked', since: at, remote: 'none' } }),
      { ...key, notRevoked: 'Delete it there.' },
      'Revoked here; the key itself is still valid at its system',
      'Re-Authorize',
    ],
    [
      'one without a permission says for which object',
      sampleRow({
        state: { kind: 'disconnected', since: at, reason: 'permission_missing', detail: '403', object: 'Account' },
      }),
      login,
      'The authorized user lacks a permission for Account',
      'Re-Authorize',
    ],
  ])('%s', (_what, row, method, detail, remedy) => {
    expect(stateDetail(row.connection, method)).toBe(detail);
    expect(remedyOf(row.connection, method)?.label ?? null).toBe(remedy);
  });

  it('say what is left to do at the provider, in the vendor’s words where it cannot be told', () => {
    expect(remoteText('none', { ...key, notRevoked: 'Delete it in AWS.' })).toBe('Delete it in AWS.');
    expect(remoteText('none', login)).toBe('There was nothing to revoke at the provider.');
    expect(remoteText('done', { ...login, notRevoked: 'Remove it there.' })).toBe('The provider has confirmed it.');
  });

  it('names missing scopes', () => {
    const row = sampleRow();
    const authorization = {
      ...(row.connection.authorization as NonNullable<typeof row.connection.authorization>),
      missingScopes: ['api'],
    };
    expect(stateDetail({ ...row.connection, authorization }, login)).toBe('dana@acme.com, without api');
  });

  it('says not yet for what has never happened', () => {
    expect(lastRunText(sampleRow(), now)).toBe('not run yet');
    expect(dataAsOfText(sampleRow(), now)).toBe('no data yet');
  });

  it('says how the last run ended when it did not succeed', () => {
    const activityId = activityIdSchema.parse('activity0001');
    expect(lastRunText({ ...sampleRow(), lastRun: { activityId, status: 'failed', at } }, now)).toBe(
      'failed 6 min ago',
    );
    expect(lastRunText({ ...sampleRow(), lastRun: { activityId, status: 'success', at } }, now)).toBe(
      'last run 6 min ago',
    );
    expect(lastRunText({ ...sampleRow(), runningJobs: 2 }, now)).toBe('2 running now');
  });

  it('has an accessible name that begins with the connection’s name and hides nothing', () => {
    const row = sampleRow({ name: 'a\u202Eb', lastRunAt: at });
    expect(rowLabel(row, 'x', now)).toBe('a[U+202E]b, Salesforce, Connected, x, last run 6 min ago, no data yet');
  });
});
