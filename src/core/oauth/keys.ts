/** Credentials of connections that work with keys from the form instead of a log-in. */

import { type KeyMethod, type Manifest, Secret } from '../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { FieldDescriptor } from '../../shared/connector.ts';
import type { GrantStore } from './grants.ts';

/**
 * Every secret field of the connector and of the method, by its name, and the method's other fields as well: a recipe
 * (an AWS access key id, a user name) does not care which of them are secret.
 * @throws AppError not_found when a required one is missing, and whatever the vault throws
 */
export async function keyCredentials(
  grants: GrantStore,
  connection: Connection,
  manifest: Manifest,
  method: KeyMethod,
): Promise<Record<string, Secret>> {
  const credentials: Record<string, Secret> = {};
  for (const field of method.fields) {
    const value = connection.fields[field.name];
    if (!isSecret(field) && value !== undefined) credentials[field.name] = new Secret(String(value));
  }
  for (const field of [...manifest.fields, ...method.fields].filter(isSecret)) {
    const secret = await grants.key(connection.id, field.name);
    if (secret !== null) credentials[field.name] = secret;
    else if (field.required && isAsked(field, connection, manifest, method))
      throw new AppError('not_found', `${field.label} is not stored on this machine.`);
  }
  return credentials;
}

function isSecret(field: FieldDescriptor): boolean {
  return field.kind === 'secret' || field.kind === 'multilineSecret';
}

function isAsked(
  { visibleWhen }: FieldDescriptor,
  { fields }: Connection,
  manifest: Manifest,
  method: KeyMethod,
): boolean {
  if (visibleWhen === undefined) return true;
  const other = [...manifest.fields, ...method.fields].find((field) => field.name === visibleWhen.field);
  return visibleWhen.oneOf.includes(String(fields[visibleWhen.field] ?? other?.default ?? ''));
}
