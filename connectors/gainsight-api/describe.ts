/** Objects and fields of a tenant, as its metadata services tell them. */

import type { ConnectorContext, SourceField } from '../kit/index.ts';
import { ConnectorError } from '../kit/index.ts';
import { isMembers, type Members, must } from './call.ts';

export interface GainsightObject {
  readonly name: string;
  readonly label: string;
  readonly isReadable: boolean;
  /** The row API writes Company and low-volume ("transactional") objects only. */
  readonly isWriteable: boolean;
}

export interface GainsightField {
  readonly name: string;
  readonly label: string;
  readonly dataType: string;
  readonly isRequired: boolean;
  readonly isNillable: boolean;
  readonly isCreateable: boolean;
  readonly isUpdateable: boolean;
  readonly isHidden: boolean;
  /** Characters; null = not said. */
  readonly maxLength: number | null;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export async function listObjects(context: ConnectorContext): Promise<GainsightObject[]> {
  const data = await must(
    context,
    { url: '/v1/meta/services/objects/list', query: { po: 'company', em: false } },
    'the list of objects',
  );
  if (!Array.isArray(data))
    throw new ConnectorError('invalid_response', 'Gainsight answered without a list of objects.');
  return data
    .filter(isMembers)
    .map((object) => ({
      name: text(object.objectName),
      label: text(object.label) || text(object.objectName),
      isReadable: object.readable !== false,
      isWriteable:
        object.createable === true &&
        (object.transactional === true || text(object.objectName).toLowerCase() === 'company'),
    }))
    .filter(({ name }) => name !== '');
}

const TYPES: Readonly<Record<string, SourceField['type']>> = {
  NUMBER: 'real',
  PERCENTAGE: 'real',
  CURRENCY: 'real',
  BOOLEAN: 'boolean',
  DATE: 'datetime',
  DATETIME: 'datetime',
  MULTISELECTDROPDOWNLIST: 'json',
};
export const columnType = ({ dataType }: GainsightField): SourceField['type'] => TYPES[dataType] ?? 'text';

/** How long a description is believed, milliseconds: a run asks once, a changed field is seen soon. */
const FRESH_MS = 5 * 60_000;
/** By connection; the client of a connection lives as long as its runs. */
const known = new WeakMap<
  ConnectorContext['http'],
  Map<string, { readonly at: number; readonly fields: Promise<readonly GainsightField[]> }>
>();

/** The fields of an object; asked once in five minutes. @throws ConnectorError not_found for an unknown object */
export function describe(context: ConnectorContext, object: string): Promise<readonly GainsightField[]> {
  const objects = known.get(context.http) ?? new Map();
  known.set(context.http, objects);
  const remembered = objects.get(object);
  if (remembered !== undefined && context.now() - remembered.at < FRESH_MS) return remembered.fields;
  const fields = askFields(context, object);
  objects.set(object, { at: context.now(), fields });
  // A failed question is asked again; the caller gets the failure from the promise itself.
  fields.catch(() => objects.delete(object));
  return fields;
}

async function askFields(context: ConnectorContext, object: string): Promise<readonly GainsightField[]> {
  const request = {
    url: `/v1/meta/services/objects/${encodeURIComponent(object)}/describe`,
    query: { ic: false, cl: 0, idd: false, ihc: false, piec: false },
    about: object,
  };
  const data = await must(context, request, object);
  const found: unknown = Array.isArray(data) ? data[0] : data;
  if (!isMembers(found) || !Array.isArray(found.fields))
    throw new ConnectorError('invalid_response', `Gainsight described ${object} without fields.`);
  return found.fields
    .filter(isMembers)
    .map(toField)
    .filter(({ name }) => name !== '');
}

function toField(field: Members): GainsightField {
  const meta = isMembers(field.meta) ? field.meta : {};
  const isReadOnly = meta.readOnly === true || meta.formulaField === true;
  return {
    name: text(field.fieldName),
    label: text(field.label) || text(field.fieldName),
    dataType: text(field.dataType).toUpperCase(),
    isRequired: meta.required === true,
    isNillable: meta.nillable !== false,
    isCreateable: meta.createable !== false && !isReadOnly,
    isUpdateable: meta.updateable !== false && !isReadOnly,
    isHidden: meta.hidden === true,
    maxLength: typeof meta.length === 'number' && meta.length > 0 ? meta.length : null,
  };
}
