// oidc-provider carries no types; this is the part that test/support/oauth-server.ts uses.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface StoredModel {
    destroy(): Promise<void>;
    readonly isValid: boolean;
  }

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    readonly RefreshToken: { find(value: string): Promise<StoredModel | undefined> };
    readonly AccessToken: { find(value: string): Promise<StoredModel | undefined> };
  }
}
