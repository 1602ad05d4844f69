import { expect, it } from 'vitest';
import { ExactNumber, type HttpResponse } from '../kit/index.ts';
import { cursorExport } from './pages.ts';

it('custom fields are reached by their ids, however long', () => {
  const fields = [
    { id: 360001, value: 'a' },
    { id: new ExactNumber('9007199254740993'), value: 'b' },
    { id: 9007199254740992, value: 'c' },
    { value: 'without an id' },
  ];
  const answer = { tickets: [{ id: 1, custom_fields: fields }], end_of_stream: true, after_cursor: 'x' };
  const url = 'https://acme.zendesk.com/api/v2/incremental/tickets/cursor.json';
  const response: HttpResponse = {
    status: 200,
    headers: {},
    body: new Uint8Array(),
    url,
    text: () => '',
    json: () => null,
  };
  const { records } = cursorExport('tickets').page(answer, response, { url });
  expect(records[0]?.custom_fields).toEqual({ '360001': 'a', '9007199254740993': 'b', '9007199254740992': 'c' });
});
