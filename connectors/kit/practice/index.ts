/** The door for practice servers. Shares no code with what connectors use: a fake that did would agree with their mistakes. */
export { type AcmeCustomer, acmeCustomer } from './acme.ts';
export type {
  PracticeCommand,
  PracticeDefinition,
  PracticeOptions,
  PracticeRequestLog,
  PracticeSamples,
  PracticeUser,
  RunningPractice,
} from './contract.ts';
export type { Grant, IssuedTokens } from './grants.ts';
export { type Authenticated, createOAuthPractice, type OAuthPractice } from './oauth.ts';
export type { OAuthPracticeOptions, OAuthRefusal, PracticeClient } from './oauth-options.ts';
export { createPeople, type People, type Person, PRACTICE_USERS } from './people.ts';
export { PracticeRefusal, type PracticeReply, type PracticeRequest, type PracticeRoute } from './routes.ts';
export { type PracticeServer, type PracticeServerOptions, startPracticeServer } from './server.ts';
