/** Who may do what at the practice S3: keys, their state, and the ways the server can be made to misbehave. */
import { S3Refusal } from './answers.ts';
import type { Key } from './signature.ts';

export const REGION = 'eu-west-1';

export interface PracticeKeyOwner {
  readonly name: string;
  readonly email: string;
  readonly key: Key;
}

export const OWNER: PracticeKeyOwner = {
  name: 'Export reader',
  email: 'export.reader@acme.example',
  key: { accessKeyId: 'AKIAPRACTICE0000007Q2X', secretAccessKey: 'practice/secret+key/of/acme' },
};

/** Another user of the same AWS account: whose key takes over when the first one's is deleted. */
export const OTHER: PracticeKeyOwner = {
  name: 'Finance reader',
  email: 'finance.reader@acme.example',
  key: { accessKeyId: 'AKIAPRACTICE0000009K4Z', secretAccessKey: 'practice/other+key/of/acme' },
};

/** Temporary keys carry a session token; this one works until the tokens are expired. */
export const SESSION_TOKEN = 'practice-session-token';

export class PracticeAccount {
  #isActive = true;
  #secretAccessKey = OWNER.key.secretAccessKey;
  #isTokenExpired = false;
  #isSubscribed = true;
  readonly #denied = new Set<string>();

  /** Undefined = S3 does not know the id, which is also what it says of an inactive key. */
  find(accessKeyId: string): Key | undefined {
    if (accessKeyId === OTHER.key.accessKeyId) return OTHER.key;
    return this.#isActive && accessKeyId === OWNER.key.accessKeyId
      ? { accessKeyId, secretAccessKey: this.#secretAccessKey }
      : undefined;
  }

  deactivate(): void {
    this.#isActive = false;
  }

  changeSecret(): void {
    this.#secretAccessKey = 'another/secret+key/of/acme';
  }

  expireTokens(): void {
    this.#isTokenExpired = true;
  }

  endSubscription(): void {
    this.#isSubscribed = false;
  }

  /** @param object part of a key; "*" = also the listing */
  deny(object: string): void {
    this.#denied.add(object);
  }

  restore(): void {
    this.#isActive = true;
    this.#secretAccessKey = OWNER.key.secretAccessKey;
    this.#isTokenExpired = false;
    this.#isSubscribed = true;
    this.#denied.clear();
  }

  /** Checked before the signature, as S3 does. @throws S3Refusal */
  checkToken(token: string | undefined): void {
    if (token === undefined) return;
    if (token !== SESSION_TOKEN)
      throw new S3Refusal(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
    if (this.#isTokenExpired) throw new S3Refusal(400, 'ExpiredToken', 'The provided token has expired.');
  }

  /** @param key empty = the bucket itself @throws S3Refusal */
  checkRights(key: string): void {
    if (!this.#isSubscribed)
      throw new S3Refusal(403, 'NotSignedUp', 'Your account is not signed up for the S3 service.');
    const isDenied = this.#denied.has('*') || (key !== '' && [...this.#denied].some((part) => key.includes(part)));
    if (isDenied) throw new S3Refusal(403, 'AccessDenied', 'Access Denied');
  }
}
