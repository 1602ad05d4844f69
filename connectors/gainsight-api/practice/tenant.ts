/** The data side of the practice tenant: describing, querying and writing its objects, all or nothing. */
import type { PracticeReply } from '../../kit/practice/index.ts';
import { checkedRecord, checkRequired, type Row } from './checks.ts';
import { company, gsusers } from './company.ts';
import { OBJECTS, type PracticeObject } from './definitions.ts';
import { runQuery } from './query.ts';
import { accepted, envelope, refuse } from './refusals.ts';
import { PracticeTable } from './table.ts';

/** https://support.gainsight.com/gainsight_nxt/API_and_Developer_Docs/Company_and_Relationship_API/Company_API_Documentation */
const MAX_RECORDS = 50;
const MAX_KEYS = 3;
const KEY_TYPES = ['STRING', 'GSID', 'NUMBER', 'EMAIL'];

const DAY_MS = 86_400_000;
/** More would need a tenant that is made up while it is read, and writes change it. */
const MAX_COMPANIES = 100_000;

export class PracticeTenant {
  readonly #tables = new Map<string, PracticeTable>();
  readonly #written = new Map<string, Row[]>();
  readonly #hiddenFields = new Set<string>();
  readonly #deniedObjects = new Set<string>();

  constructor(companies: number, people: readonly { readonly name: string; readonly email: string }[]) {
    for (const { objectName, keyPrefix } of OBJECTS)
      this.#tables.set(objectName, new PracticeTable(keyPrefix, () => Date.now()));
    for (const user of gsusers(people)) this.#table('gsuser').insert(user, Date.now() - 400 * DAY_MS);
    this.setCompanies(companies);
  }

  /** Makes the tenant hold this many seeded companies, last changed over the past year. All are held in memory. */
  setCompanies(asked: number): void {
    const count = Math.min(asked, MAX_COMPANIES);
    const table = this.#table('Company');
    table.clear();
    const newest = Date.now() - DAY_MS;
    const step = Math.min(DAY_MS, Math.floor((365 * DAY_MS) / Math.max(1, count)));
    for (let index = 0; index < count; index += 1) table.insert(company(index), newest - (count - index) * step);
  }

  denyObject(object: string): void {
    this.#deniedObjects.add(object);
  }

  hideField(object: string, field: string): void {
    this.#hiddenFields.add(`${object}.${field}`);
  }

  restore(): void {
    this.#deniedObjects.clear();
    this.#hiddenFields.clear();
  }

  rows(object: string): Row[] {
    return this.#table(object)
      .all()
      .map((row) => ({ ...row }));
  }

  written(object: string): Row[] {
    return (this.#written.get(object) ?? []).map((row) => ({ ...row }));
  }

  listObjects(): PracticeReply {
    return accepted(
      OBJECTS.map(({ fields: _fields, answersAs: _answersAs, ...object }) => ({
        ...object,
        schemaUpdateable: object.objectType === 'CUSTOM',
      })),
    );
  }

  describe(name: string): PracticeReply {
    const object = this.#object(name);
    const fields = object.fields.map(({ options: _options, ...field }) => field);
    return accepted([{ objectName: object.objectName, label: object.label, objectType: object.objectType, fields }]);
  }

  /** Company answers with a list and says "nothing found" in a 200, the others with `records` and in a 400: both are seen. */
  query(name: string, body: unknown): PracticeReply {
    const object = this.#object(name);
    const rows = runQuery(object, this.#table(name), body);
    if (object.answersAs === 'list')
      return rows.length === 0 ? envelope(200, null, 'No data found for given criteria') : accepted(rows);
    return rows.length === 0 ? envelope(400, 'GSOBJ_1011', 'No entity found') : accepted({ records: rows });
  }

  insert(name: string, body: unknown): PracticeReply {
    const object = this.#writeable(name);
    const records = recordsOf(body).map((record) => checkedRecord(object, record, 'createable', []));
    for (const record of records) checkRequired(object, record);
    const rows = records.map((record) => this.#table(name).insert(record));
    return this.#done(name, rows);
  }

  update(name: string, keysText: string | null, body: unknown): PracticeReply {
    const object = this.#writeable(name);
    const keys = keysOf(object, keysText);
    const records = recordsOf(body).map((record) => checkedRecord(object, record, 'updateable', keys));
    const gsids = records.map((record) => this.#match(name, record, keys));
    const rows = records.map((record, index) => this.#table(name).update(gsids[index] ?? '', record));
    return this.#done(name, rows);
  }

  remove(name: string, gsid: string): PracticeReply {
    this.#writeable(name);
    if (!this.#table(name).remove(gsid))
      throw refuse(400, 'GSOBJ_1004', 'Either the Gainsight ID is invalid or missing, please re-check your request.');
    return accepted({ count: 1, errors: null, records: null });
  }

  #done(name: string, rows: readonly Row[]): PracticeReply {
    const written = this.#written.get(name) ?? [];
    this.#written.set(name, written);
    for (const row of rows) written.push(row);
    return accepted({
      count: rows.length,
      errors: null,
      records: rows.map(({ Name, Gsid }) => ({ Name: Name ?? null, Gsid })),
    });
  }

  /** Keys are joined with AND. Which of several matches would be changed is not documented: refused here. */
  #match(name: string, record: Row, keys: readonly string[]): string {
    const [first = '', ...rest] = keys;
    const found = this.#table(name)
      .having(first, [record[first]])
      .filter((row) => rest.every((key) => row[key] === record[key]));
    const [match] = found;
    if (match === undefined) throw refuse(400, 'GSOBJ_1011', 'No matching record found');
    if (found.length > 1) throw refuse(400, 'GSOBJ_1008', 'More than one record matches the keys');
    return String(match.Gsid);
  }

  #object(name: string): PracticeObject {
    const object = OBJECTS.find(({ objectName }) => objectName === name);
    if (object === undefined) throw refuse(404, 'OBJECT_NOT_FOUND', `Object not found ${name}`);
    if (this.#deniedObjects.has(name) || this.#deniedObjects.has('*'))
      throw refuse(403, null, 'Access to the object is denied');
    const isHidden = (field: string): boolean => this.#hiddenFields.has(`${name}.${field}`);
    return { ...object, fields: object.fields.filter(({ fieldName }) => !isHidden(fieldName)) };
  }

  #writeable(name: string): PracticeObject {
    const object = this.#object(name);
    if (!object.transactional || !object.createable)
      throw refuse(400, 'GSOBJ_1023', 'The object cannot be written through this API');
    return object;
  }

  #table(name: string): PracticeTable {
    const table = this.#tables.get(name);
    if (table === undefined) throw new Error(`The practice Gainsight has no object "${name}".`);
    return table;
  }
}

function recordsOf(body: unknown): Row[] {
  const records = typeof body === 'object' && body !== null && 'records' in body ? body.records : undefined;
  if (!Array.isArray(records) || records.length === 0) throw refuse(400, 'GSOBJ_1008', 'records is missing');
  if (records.length > MAX_RECORDS)
    throw refuse(400, 'GSOBJ_1008', `At most ${MAX_RECORDS} records are allowed in one call`);
  return records as Row[];
}

function keysOf(object: PracticeObject, text: string | null): string[] {
  const keys = (text ?? '').split(',').filter((key) => key !== '');
  if (keys.length < 1 || keys.length > MAX_KEYS)
    throw refuse(400, 'GSOBJ_1008', `keys must name one to ${MAX_KEYS} fields`);
  for (const key of keys) {
    const type = object.fields.find(({ fieldName }) => fieldName === key)?.dataType;
    if (type === undefined || !KEY_TYPES.includes(type))
      throw refuse(400, 'GSOBJ_1002', `Invalid field, please re-check data mapping (${key})`);
  }
  return keys;
}
