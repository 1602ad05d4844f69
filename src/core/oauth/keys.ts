/** Credentials of connections that work with keys from the form instead of a log-in. */

import {
  type KeyMethod,
  type Manifest,
  Secret,
  type TokenMethod,
} from '../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { isSecretField, isVisible } from '../../shared/connector/form.ts';
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
  method: KeyMethod | TokenMethod,
): Promise<Record<string, Secret>> {
  const credentials: Record<string, Secret> = {};
  for (const field of method.fields) {
    const value = connection.fields[field.name];
    if (!isSecretField(field) && value !== undefined) credentials[field.name] = new Secret(String(value));
  }
  const all = [...manifest.fields, ...method.fields];
  for (const field of all.filter(isSecretField)) {
    const secret = await grants.key(connection.id, field.name);
    if (secret !== null) credentials[field.name] = secret;
    else if (field.required && isVisible(field, connection.fields, all))
      throw new AppError('not_found', `${field.label} is not stored on this machine.`);
  }
  return credentials;
}
