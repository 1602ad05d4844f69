// A Salesforce-like server with answers made beforehand: pages of 1,000 records, 932 bytes and 20 fields each. It costs almost
// nothing to serve, so that what is measured is the client. Started as a process of its own: node server.mjs '{"records":200000}'
// prints {"port":...} and takes commands (JSON lines) on stdin, answered on stdout.
import http from 'node:http';
import readline from 'node:readline';

const PAGE = 1000;
const RECORD_BYTES = 932;
const ID_DIGITS = 15;
const LOCATOR = '01gBENCH';

/** Every field as Salesforce's describe names it. */
const FIELDS = [
  ['Id', 'id'],
  ['Name', 'string'],
  ['AccountNumber', 'string'],
  ['Industry', 'picklist'],
  ['Type', 'picklist'],
  ['Phone', 'phone'],
  ['Website', 'url'],
  ['BillingStreet', 'textarea'],
  ['BillingCity', 'string'],
  ['BillingState', 'string'],
  ['BillingPostalCode', 'string'],
  ['BillingCountry', 'string'],
  ['Description', 'textarea'],
  ['OwnerId', 'reference'],
  ['NumberOfEmployees', 'int'],
  ['AnnualRevenue', 'currency'],
  ['Score', 'double'],
  ['IsActive', 'boolean'],
  ['CreatedDate', 'datetime'],
  ['SystemModstamp', 'datetime'],
];

const BASE_MS = Date.parse('2024-01-01T00:00:00.000Z');
const CHANGED_AT = '2025-06-01T00:00:00.000Z';
const idOf = (index) => `001${String(index).padStart(ID_DIGITS, '0')}`;
const pick = (list, index) => list[index % list.length];

/** What stands in record `index`; digits of fixed width, so that a page can be patched instead of made. */
function record(index) {
  const stamp = new Date(BASE_MS + (index % 86_400) * 1000).toISOString();
  const value = {
    Id: idOf(index),
    Name: `Company ${String(index).padStart(8, '0')} Holdings International`,
    AccountNumber: `ACC-${String(index % PAGE).padStart(6, '0')}-r0000`,
    Industry: pick(['Software', 'Logistics', 'Health care', 'Manufacturing', 'Energy'], index),
    Type: pick(['Customer - Direct', 'Customer - Channel', 'Prospect'], index),
    Phone: `+49 30 ${String(1_000_000 + (index % PAGE) * 977)}`,
    Website: `https://www.company-${String(index % PAGE).padStart(4, '0')}.example/`,
    BillingStreet: `${(index % 400) + 1} Example Street, Building ${index % 9}`,
    BillingCity: pick(['Berlin', 'Lyon', 'Porto', 'Graz', 'Turku', 'Gent'], index),
    BillingState: pick(['BE', 'ARA', 'PRT', 'STY', 'VAR', 'VOV'], index),
    BillingPostalCode: String(10_000 + (index % 89_999)),
    BillingCountry: pick(['Germany', 'France', 'Portugal', 'Austria', 'Finland', 'Belgium'], index),
    Description: '',
    OwnerId: `005${String(index % 97).padStart(ID_DIGITS, '0')}`,
    NumberOfEmployees: (index % PAGE) * 7 + 3,
    AnnualRevenue: (index % PAGE) * 1234.5 + 0.25,
    Score: ((index % PAGE) * 37) / 8,
    IsActive: index % 3 !== 0,
    CreatedDate: '2023-05-17T08:30:00.000Z',
    SystemModstamp: stamp,
  };
  const attributes = { type: 'Account', url: `/services/data/v62.0/sobjects/Account/${value.Id}` };
  const missing = RECORD_BYTES - Buffer.byteLength(JSON.stringify({ attributes, ...value }));
  value.Description = 'Renewal in the third quarter; the steering group meets every second week. '
    .repeat(9)
    .slice(0, Math.max(0, missing));
  return { attributes, ...value };
}

/** A page's records as bytes, and where the digits stand that differ from page to page. */
function makeTemplate() {
  const texts = Array.from({ length: PAGE }, (_, index) => JSON.stringify(record(index)));
  const body = Buffer.from(`[${texts.join(',')}]`);
  const places = [];
  let at = 1;
  for (const text of texts) {
    places.push({
      url: at + text.indexOf('/Account/') + 9 + 3,
      id: at + text.indexOf('"Id":"') + 6 + 3,
      name: at + text.indexOf('"Name":"Company ') + 16,
      revision: at + text.indexOf('-r0000') + 2,
      stamp: at + text.indexOf('"SystemModstamp":"') + 18,
    });
    at += text.length + 1;
  }
  return { body, places };
}

const options = { records: 200_000, latencyMs: 0, ...JSON.parse(process.argv[2] ?? '{}') };
const template = makeTemplate();
const totals = { pages: 0, requests: 0, refused: 0, bytes: 0, written: 0, batches: 0, twice: 0 };
let seen = new Map();
/** Records whose number is divisible by 100 plus this revision's offset count as changed. */
let revision = 0;
let limit = null;
let startedAt = 0;

const isChanged = (index) => revision > 0 && index % 100 === revision % 100;

/** Records of a page that starts at `from` among those the query selects. */
function pageBody(from, count, selected) {
  const head = Buffer.from(headOf(from, count, selected));
  const whole = selected === 'all' && count === PAGE;
  if (!whole) {
    const indexes = Array.from({ length: count }, (_, at) =>
      selected === 'all' ? from + at : (from + at) * 100 + (revision % 100),
    );
    return Buffer.concat([head, Buffer.from(`${JSON.stringify(indexes.map(current))}}`)]);
  }
  const body = Buffer.allocUnsafe(head.length + template.body.length + 1);
  head.copy(body);
  template.body.copy(body, head.length);
  for (let at = 0; at < count; at += 1) patch(body, head.length, template.places[at], from + at);
  body[body.length - 1] = 0x7d;
  return body;
}

function current(index) {
  const value = record(index);
  if (!isChanged(index)) return withIndex(value, index);
  value.AccountNumber = value.AccountNumber.replace(/-r\d{4}$/, `-r${String(revision).padStart(4, '0')}`);
  value.SystemModstamp = CHANGED_AT;
  return withIndex(value, index);
}

/** The template repeats every page; only what `patch` writes differs, so a record made alone must follow it. */
function withIndex(value, index) {
  const like = record(index % PAGE);
  return {
    ...like,
    attributes: value.attributes,
    Id: value.Id,
    Name: value.Name,
    AccountNumber: value.AccountNumber,
    SystemModstamp: isChanged(index) ? CHANGED_AT : like.SystemModstamp,
  };
}

function patch(body, base, place, index) {
  digits(body, base + place.url, index, ID_DIGITS);
  digits(body, base + place.id, index, ID_DIGITS);
  digits(body, base + place.name, index, 8);
  if (!isChanged(index)) return;
  digits(body, base + place.revision, revision, 4);
  body.write(CHANGED_AT, base + place.stamp, 'latin1');
}

function digits(body, at, value, width) {
  let rest = value;
  for (let place = at + width - 1; place >= at; place -= 1) {
    body[place] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

const totalOf = (selected) =>
  selected === 'all' ? options.records : revision === 0 ? 0 : Math.floor(options.records / 100);

function headOf(from, count, selected) {
  const total = totalOf(selected);
  const next = from + count;
  const more =
    next < total
      ? `"done":false,"nextRecordsUrl":"/services/data/v62.0/query/${LOCATOR}-${selected}-${next}",`
      : '"done":true,';
  return `{"totalSize":${total},${more}"records":`;
}

function describe() {
  return JSON.stringify({
    name: 'Account',
    fields: FIELDS.map(([name, type]) => ({ name, label: name, type, nillable: name !== 'Id', filterable: true })),
  });
}

/** 429 with Retry-After behind `requests` in a window of `perMs`, counted from its first request. */
function isLimited(response) {
  if (limit === null) return false;
  const now = Date.now();
  if (now >= limit.until) {
    limit.until = now + limit.perMs;
    limit.used = 0;
  }
  limit.used += 1;
  if (limit.used <= limit.requests) return false;
  totals.refused += 1;
  response.writeHead(429, {
    'retry-after': String(Math.max(0, (limit.until - now) / 1000)),
    'content-type': 'application/json',
  });
  response.end('[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"Too many requests"}]');
  return true;
}

function answer(request, response) {
  totals.requests += 1;
  startedAt ||= Date.now();
  if (isLimited(response)) return;
  const url = new URL(request.url, 'http://bench');
  const body = bodyFor(url);
  if (body === null) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]');
    return;
  }
  totals.bytes += body.length;
  response.writeHead(200, { 'content-type': 'application/json;charset=UTF-8', 'content-length': body.length });
  response.end(body);
}

/** What an authorization asks about: whose it is, for which org, and whether calls are taken. */
const ABOUT = [
  [/\/limits$/, {}],
  [/FROM User /, { done: true, records: [{ Username: 'dana@acme.example', IsActive: true }] }],
  [/FROM Organization/, { done: true, records: [{ Name: 'Bench' }] }],
];

function bodyFor(url) {
  if (/\/sobjects\/[A-Za-z]+\/describe$/.test(url.pathname)) return Buffer.from(describe());
  const locator = /\/query\/01gBENCH-(all|changed)-(\d+)$/.exec(url.pathname);
  if (locator !== null) return page(Number(locator[2]), locator[1]);
  const about = ABOUT.find(([what]) => what.test(url.searchParams.get('q') ?? url.pathname));
  if (about !== undefined) return Buffer.from(JSON.stringify(about[1]));
  if (!/\/query\/?$/.test(url.pathname)) return null;
  const since = /SystemModstamp >= ([0-9TZ:.-]+)/.exec(url.searchParams.get('q') ?? '')?.[1];
  const afterBase = since !== undefined && Date.parse(since) > BASE_MS;
  return page(0, afterBase ? 'changed' : 'all');
}

function page(from, selected) {
  totals.pages += 1;
  const name = `${selected}-${from}`;
  seen.set(name, (seen.get(name) ?? 0) + 1);
  if (seen.get(name) === 2) totals.twice += 1;
  return pageBody(from, Math.max(0, Math.min(PAGE, totalOf(selected) - from)), selected);
}

/** Takes anything as a batch of the destination, after reading it whole: Gainsight's paths, and a plain one for the floor. */
function write(request, response, url) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const sent = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    const count = sent.records?.length ?? 0;
    const isQuery = /\/query\//.test(url.pathname);
    if (!isQuery) {
      totals.written += count;
      totals.batches += 1;
    }
    const data = isQuery ? { records: [] } : { count, errors: null, records: [] };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ result: true, errorCode: null, errorDesc: null, requestId: 'bench', data }));
  });
}

function describeGainsight() {
  const fields = FIELDS.map(([name, type]) => ({
    fieldName: name,
    label: name,
    dataType:
      { int: 'NUMBER', currency: 'NUMBER', double: 'NUMBER', boolean: 'BOOLEAN', datetime: 'DATETIME' }[type] ??
      'STRING',
    meta: {
      createable: true,
      updateable: true,
      required: false,
      nillable: true,
      hidden: false,
      accessible: true,
      filterable: true,
    },
  }));
  return JSON.stringify({
    result: true,
    errorCode: null,
    errorDesc: null,
    requestId: 'bench',
    data: [{ objectName: 'Company', label: 'Company', fields }],
  });
}

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://bench');
  if (url.pathname.startsWith('/v1/')) {
    if (/describe$/.test(url.pathname)) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(describeGainsight());
    } else write(request, response, url);
    return;
  }
  if (options.latencyMs > 0) setTimeout(answer, options.latencyMs, request, response);
  else answer(request, response);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));

const COMMANDS = {
  set: (changes) => Object.assign(options, changes),
  revise: ({ to }) => {
    revision = to;
  },
  limit: ({ requests, perMs }) => {
    limit = requests === 0 ? null : { requests, perMs, until: 0, used: 0 };
  },
  reset: () => {
    for (const name of Object.keys(totals)) totals[name] = 0;
    seen = new Map();
    startedAt = 0;
  },
  totals: () => ({ ...totals, seconds: (Date.now() - startedAt) / 1000 }),
  record: ({ index }) => current(index),
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { command, ...rest } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(COMMANDS[command](rest) ?? {})}\n`);
});
process.stdin.on('end', () => process.exit(0));
