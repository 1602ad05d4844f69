/** Own certificate authorities and the system's proxy, as Settings shows them. */
import { z } from 'zod';
import { instantSchema } from './ids.ts';

/** A certificate authority of the company's own, trusted besides the public ones. */
export const certificateInfoSchema = z.strictObject({
  /** SHA-256 of the certificate, 64 hexadecimal digits. */
  id: z.string().regex(/^[0-9a-f]{64}$/),
  subject: z.string(),
  issuer: z.string(),
  validFrom: instantSchema,
  validTo: instantSchema,
  isExpired: z.boolean(),
  addedAt: instantSchema,
});
export type CertificateInfo = z.infer<typeof certificateInfoSchema>;

/** What happened on the way to an address, step by step; what a later step needs and an earlier one refused is skipped. */
export const networkTestSchema = z.strictObject({
  /** "host:port" of the proxy the system names for the address; null = the direct way. */
  proxy: z.string().nullable(),
  passed: z.boolean(),
  /** What answered, or why nothing did: one sentence. */
  seen: z.string(),
  /** What to do; empty when it passed. */
  advice: z.string(),
  durationMs: z.number().int(),
});
export type NetworkTest = z.infer<typeof networkTestSchema>;
