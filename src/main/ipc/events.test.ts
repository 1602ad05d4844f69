import type { WebContents } from 'electron';
import { describe, expect, it } from 'vitest';
import { createPush } from './events.ts';

/** A window as far as a push touches it. */
function aWindow(isDestroyed = false) {
  const sent: unknown[][] = [];
  const contents = { isDestroyed: () => isDestroyed, send: (...given: unknown[]) => void sent.push(given) };
  return { contents: contents as unknown as WebContents, sent };
}

describe('an event for the page', () => {
  it('goes to every window as JSON text', () => {
    const windows = [aWindow(), aWindow()];
    createPush(() => windows.map((one) => one.contents))('activity.changed', { id: null });
    expect(windows.map(({ sent }) => sent)).toEqual([
      [['activity.changed', '{"id":null}']],
      [['activity.changed', '{"id":null}']],
    ]);
  });

  it('is not sent to a window that is gone', () => {
    const gone = aWindow(true);
    createPush(() => [gone.contents])('tenants.changed', {});
    expect(gone.sent).toEqual([]);
  });

  it('with anything that the contract does not list is not sent at all', () => {
    const { contents, sent } = aWindow();
    const push = createPush(() => [contents]);
    const surplus = { id: null, secret: 'canary' } as { id: null };
    expect(() => push('activity.changed', surplus)).toThrow(/secret/);
    expect(sent).toEqual([]);
  });
});
