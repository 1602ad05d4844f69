import { expect, it } from 'vitest';
import { NoticeBoard } from './notices.ts';

it('a notice that was dismissed stays away for the session, also when it is raised again; each change is told', () => {
  let changes = 0;
  const board = new NoticeBoard(() => {
    changes += 1;
  });
  board.add({ id: 'a', kind: 'info', text: 'First' });
  board.add({ id: 'b', kind: 'warning', text: 'Second' });
  board.dismiss('a');
  expect(board.list()).toEqual([{ id: 'b', kind: 'warning', text: 'Second' }]);
  board.add({ id: 'a', kind: 'info', text: 'First, again' });
  board.dismiss('unknown');
  expect(board.list()).toHaveLength(1);
  expect(changes).toBe(3);
  board.add({ id: 'b', kind: 'warning', text: 'Second, changed' });
  expect(board.list()).toEqual([{ id: 'b', kind: 'warning', text: 'Second, changed' }]);
});
