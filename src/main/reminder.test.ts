import { expect, it } from 'vitest';
import type { ConnectionId } from '../shared/ids.ts';
import { aTenant } from '../store/testing/records.ts';
import { followReminder } from './reminder.ts';

const here = aTenant();
const there = aTenant();
const id = 'connection0001' as ConnectionId;

function follow(tenantId: (typeof here)['id']): string[] {
  const seen: string[] = [];
  const tenants = {
    list: () => ({ tenants: [here, there], selected: here.id }),
    select: (wanted: (typeof here)['id']) => {
      seen.push(`select ${wanted}`);
      return there;
    },
  };
  followReminder(
    {
      tenants,
      focus: () => seen.push('focus'),
      push: (name, payload) => seen.push(`${name} ${JSON.stringify(payload)}`),
    },
    { id, tenantId },
  );
  return seen;
}

it('a reminder that is followed brings the window, the connection’s tenant, then the connection', () => {
  const chosen = `connections.reminderChosen {"id":"${id}"}`;
  expect(follow(here.id)).toEqual(['focus', chosen]);
  expect(follow(there.id)).toEqual(['focus', `select ${there.id}`, chosen]);
  expect(follow(aTenant().id)).toEqual(['focus']);
});
