// Inputs for every call of the contract: of its shape, nearly of its shape, and not at all.
import fc from 'fast-check';
import { z } from 'zod';
import { CALLS, type CallName } from '../../../src/shared/ipc/channels.ts';
import { CONTRACT } from '../../../src/shared/ipc/contract.ts';

type Json = Readonly<Record<string, unknown>>;

/** Values that the app has: what names one of them reaches a service, not only the schema. */
export interface Known {
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

const HOSTILE_TEXT = [
  '',
  '../../../etc/passwd',
  "'; DROP TABLE connections; --",
  '%',
  '\u0000',
  '\u202Egpj.exe',
  '<img src=x onerror=alert(1)>',
  '__proto__',
  'a'.repeat(5000),
  '\ud800',
  'https://127.0.0.1:1/',
];

function text(schema: Json, known: Known): fc.Arbitrary<unknown> {
  const { pattern, format } = schema;
  // fast-check makes no text for a look-ahead.
  const isUsable = typeof pattern === 'string' && format === undefined && !pattern.includes('(?');
  const ofShape = isUsable ? [fc.stringMatching(new RegExp(pattern))] : [];
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...known.ids, ...known.names) },
    ...ofShape.map((arbitrary) => ({ weight: 3, arbitrary })),
    fc.constantFrom(...HOSTILE_TEXT),
    fc.string({ maxLength: 40 }),
  );
}

/** Values of a JSON schema, now and then with something else in their place. */
function ofSchema(schema: Json, known: Known): fc.Arbitrary<unknown> {
  const alternatives = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (alternatives !== undefined) return fc.oneof(...alternatives.map((one) => ofSchema(one, known)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (schema.type === 'array') return fc.array(ofSchema((schema.items ?? {}) as Json, known), { maxLength: 3 });
  if (schema.type === 'object') return objectOf(schema, known);
  if (schema.type === 'string') return text(schema, known);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer' || schema.type === 'number')
    return fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer(), fc.double());
  return fc.jsonValue({ maxDepth: 2 });
}

function objectOf(schema: Json, known: Known): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  const required = (schema.required ?? []) as string[];
  const fields = Object.fromEntries(
    properties.map(([name, one]) => [
      name,
      fc.oneof({ weight: 15, arbitrary: ofSchema(one, known) }, fc.jsonValue({ maxDepth: 1 })),
    ]),
  );
  const whole = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
  const strange = fc.dictionary(
    fc.constantFrom('extra', 'constructor', 'toString', 'id'),
    fc.jsonValue({ maxDepth: 1 }),
  );
  return fc.oneof(
    { weight: 12, arbitrary: whole },
    fc.tuple(whole, strange).map(([one, more]) => ({ ...one, ...more })),
  );
}

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);

/** Text that is no JSON, or JSON made to hurt. */
const RAW = [
  '',
  'undefined',
  '{',
  'null',
  '[]',
  '"text"',
  '1e999',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  `{"id":${nested(60, '[', ']')}}`,
  nested(20_000, '[', ']'),
  `{"a":${nested(5000, '{"a":', '}').replace('}', '1}')}`,
  `{"id":"${'x'.repeat(300_000)}"}`,
  `{${Array.from({ length: 5000 }, (_, at) => `"k${at}":1`).join()}}`,
];

/** One call: its name and the text that is sent. */
export type HostileCall = readonly [name: CallName, text: string];

/** Calls that take long on purpose (a passphrase is stretched, a copy is checked), or end what the others need. */
export const SLOW_CALLS: readonly CallName[] = [
  'vault.setPassphrase',
  'vault.unlock',
  'vault.lock',
  'vault.replaceForgottenPassphrase',
  'transfer.export',
  'backups.make',
];
export const QUICK_CALLS: readonly CallName[] = CALLS.filter((name) => !SLOW_CALLS.includes(name));

export function hostileCalls(names: readonly CallName[], known: Known): fc.Arbitrary<HostileCall> {
  const perCall = names.map((name) => {
    const schema = z.toJSONSchema(CONTRACT[name].input, {
      io: 'input',
      unrepresentable: 'any',
      reused: 'inline',
    }) as Json;
    // A log-in of a connection that is there waits for a person.
    const isLogIn = name === 'connections.authorize';
    const honest = ofSchema(schema, isLogIn ? { ...known, ids: ['nobody0000'] } : known).map((value) =>
      JSON.stringify(value),
    );
    const any = fc.json({ maxDepth: 3 });
    return fc
      .oneof({ weight: 12, arbitrary: honest }, { weight: 2, arbitrary: any }, fc.constantFrom(...RAW))
      .map((json): HostileCall => [name, json]);
  });
  return fc.oneof(...perCall);
}
