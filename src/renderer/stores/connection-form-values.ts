import type { FieldValue } from '../../shared/connection/connection.ts';

/** What stands in a connection form. */
export interface ConnectionFormValues {
  readonly connectorId: string;
  readonly name: string;
  readonly authMethodId: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Optional secrets that are stored and are to go. */
  readonly removedSecrets: readonly string[];
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiBaseUrl: string;
  readonly loginBaseUrl: string;
  readonly allowPrivateNetwork: boolean;
}
