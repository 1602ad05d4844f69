import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyFingerprint, signJwt } from './jwt.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('a signed JWT', () => {
  it.each(['RS256', 'ES256'] as const)('is verified with the public key of the pair (%s)', (algorithm) => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const key = algorithm === 'RS256' ? pem : ec.export({ type: 'pkcs8', format: 'pem' }).toString();
    const token = signJwt({ privateKey: key, algorithm, header: { kid: 'k1' }, claims: { iss: 'ACME.DANA', exp: 1 } });
    const [header = '', claims = '', signature = ''] = token.split('.');
    const verifier = { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' as const };
    const signed = Buffer.from(`${header}.${claims}`);
    expect(verify('sha256', signed, verifier, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: algorithm, typ: 'JWT', kid: 'k1' });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({ iss: 'ACME.DANA', exp: 1 });
  });

  it('takes a key in the forms in which it is pasted, and refuses others by name', () => {
    const sealed = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' } as const;
    const encrypted = privateKey.export(sealed).toString();
    const name = publicKeyFingerprint(pem);
    expect(publicKeyFingerprint(pem.replaceAll('\n', '\\n'))).toBe(name);
    expect(publicKeyFingerprint(pem.replaceAll('\n', ' '))).toBe(name);
    expect(publicKeyFingerprint(encrypted, 'open')).toBe(name);
    expect(() => publicKeyFingerprint(encrypted, 'wrong')).toThrow('Check the passphrase');
    expect(() => signJwt({ privateKey: 'no key', claims: {} })).toThrow('The private key cannot be read.');
    expect(() => signJwt({ privateKey: pem, algorithm: 'ES256', claims: {} })).toThrow('is not an EC key');
  });
});
