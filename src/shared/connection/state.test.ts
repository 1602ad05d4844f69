import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONNECTION_ACTIONS, type ConnectionAction, offer } from './actions.ts';
import { DISCONNECT_REASONS } from './reasons.ts';
import { type ConnectionEvent, type ConnectionState, connectionStateSchema, nextState } from './state.ts';

const AT = '2026-03-01T09:00:00.000Z';

const event: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  fc.constant<ConnectionEvent>({ kind: 'authorized', at: AT }),
  fc
    .constantFrom(...DISCONNECT_REASONS)
    .map<ConnectionEvent>((reason) => ({ kind: 'authorizationLost', at: AT, reason, detail: 'said so' })),
  fc.constant<ConnectionEvent>({ kind: 'credentialFound', at: AT }),
  fc
    .record({ remote: fc.constantFrom('pending', 'done', 'failed', 'none'), until: fc.constantFrom(undefined, AT) })
    .map<ConnectionEvent>((parts) => ({ kind: 'revoked', at: AT, ...parts })),
  fc
    .constantFrom('pending', 'done', 'failed', 'none')
    .map<ConnectionEvent>((remote) => ({ kind: 'remoteRevocationKnown', remote })),
  fc.constantFrom(undefined, AT).map<ConnectionEvent>((until) => ({ kind: 'reminderSet', until })),
);

/** The design's table, written down a second time. */
const TABLE: Readonly<Record<ConnectionState['kind'], readonly ConnectionAction[]>> = {
  draft: ['edit', 'delete', 'authorize', 'viewJobs', 'viewActivities'],
  active: ['edit', 'delete', 'revoke', 'reAuthorize', 'viewJobs', 'viewActivities'],
  disconnected: ['edit', 'delete', 'revoke', 'reAuthorize', 'viewJobs', 'viewActivities'],
  revoked: ['edit', 'delete', 'reAuthorize', 'viewJobs', 'viewActivities'],
};

/** What may follow what. Staying as it is is always possible. */
const MAY_FOLLOW: Readonly<Record<ConnectionState['kind'], readonly ConnectionState['kind'][]>> = {
  draft: ['active'],
  active: ['disconnected', 'revoked'],
  disconnected: ['active', 'revoked'],
  revoked: ['active'],
};

describe('the connection state', () => {
  it('reaches through no sequence of events a state, or from a state another one, that the table forbids', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let state: ConnectionState = { kind: 'draft' };
        for (const one of events) {
          const next = nextState(state, one);
          expect(connectionStateSchema.parse(next)).toEqual(next);
          if (next.kind !== state.kind) expect(MAY_FOLLOW[state.kind]).toContain(next.kind);
          // Only an authorization brings a revoked connection back: no late answer does.
          if (state.kind === 'revoked' && next.kind !== 'revoked') expect(one.kind).toBe('authorized');
          if (state.kind === 'draft' && next.kind !== 'draft') expect(one.kind).toBe('authorized');
          state = next;
        }
        const offered = CONNECTION_ACTIONS.filter((action) => offer(state.kind, action).offered);
        expect([...offered].sort()).toEqual([...TABLE[state.kind]].sort());
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a reason for every action that it refuses', () => {
    for (const kind of Object.keys(TABLE) as ConnectionState['kind'][])
      for (const action of CONNECTION_ACTIONS) {
        const offered = offer(kind, action);
        if (!offered.offered) expect(offered.reason).toMatch(/^[A-Z].*\.$/);
      }
  });

  it('keeps the instant since when it is disconnected while the reason becomes clearer', () => {
    const first = nextState(
      { kind: 'active', since: AT },
      { kind: 'authorizationLost', at: '2026-03-02T00:00:00.000Z', reason: 'authorization_expired', detail: '' },
    );
    const second = nextState(first, {
      kind: 'authorizationLost',
      at: '2026-03-03T00:00:00.000Z',
      reason: 'user_deactivated',
      detail: 'Dana is suspended.',
    });
    expect(second).toEqual({
      kind: 'disconnected',
      since: '2026-03-02T00:00:00.000Z',
      reason: 'user_deactivated',
      detail: 'Dana is suspended.',
    });
  });

  it('finds a credential again only where it was missing', () => {
    const at = AT;
    const of = (reason: 'credential_missing' | 'licence_ended'): ConnectionState => ({
      kind: 'disconnected',
      since: AT,
      reason,
      detail: '',
    });
    expect(nextState(of('credential_missing'), { kind: 'credentialFound', at }).kind).toBe('active');
    expect(nextState(of('licence_ended'), { kind: 'credentialFound', at }).kind).toBe('disconnected');
  });
});
