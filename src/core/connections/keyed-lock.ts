import { AppError } from '../../shared/app-error.ts';

/** One thing at a time for each key; who comes second is refused, not made to wait. */
export class KeyedLock<Key> {
  readonly #held = new Set<Key>();
  readonly #refusal: string;

  /** @param refusal the sentence for who comes second */
  constructor(refusal: string) {
    this.#refusal = refusal;
  }

  /** @throws AppError busy while other work holds the key */
  async hold<T>(key: Key, work: () => Promise<T>): Promise<T> {
    if (this.#held.has(key)) throw new AppError('busy', this.#refusal);
    this.#held.add(key);
    try {
      return await work();
    } finally {
      this.#held.delete(key);
    }
  }

  isHeld(key: Key): boolean {
    return this.#held.has(key);
  }
}
