import { PASSPHRASE_MIN } from '../../shared/vault.ts';

export interface Strength {
  /** 0 to 100, for the bar. */
  readonly percent: number;
  readonly words: string;
  readonly level: 'short' | 'fair' | 'good' | 'strong';
}

const STRONG_AT = 24;

/** Strength by length: the one property that counts against guessing and that people can steer. */
export function strengthOf(passphrase: string): Strength {
  const length = [...passphrase].length;
  const percent = Math.min(100, Math.round((length / STRONG_AT) * 100));
  if (length < PASSPHRASE_MIN) return { percent, level: 'short', words: `${PASSPHRASE_MIN - length} more to go` };
  if (length < 16) return { percent, level: 'fair', words: 'Fair. A few words in a row are stronger' };
  return length < STRONG_AT ? { percent, level: 'good', words: 'Good' } : { percent, level: 'strong', words: 'Strong' };
}
