/**
 * A vault for tests of this folder: durable, atomic, and readable from outside so that a test can look for what must not
 * be there. It protects nothing. The real one has tests of its own.
 */
import fs from 'node:fs';
import { Secret } from '../../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../../shared/app-error.ts';
import type { SecretOwner, Vault } from '../../vault/contract.ts';

type Stored = Record<string, Record<string, string>>;

export class FileVault implements Pick<Vault, 'get' | 'put' | 'has' | 'remove'> {
  readonly #file: string;
  /** Every stored value was durable before `put` answered; this tells when. */
  readonly writes: { readonly owner: string; readonly names: readonly string[] }[] = [];
  /** Set to make the next calls fail. */
  refusal: AppError | null = null;
  /** Awaited inside `put`, before anything is stored. */
  beforePut: (() => Promise<void>) | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async put(owner: SecretOwner, values: Readonly<Record<string, Secret>>): Promise<void> {
    await this.beforePut?.();
    if (this.refusal !== null) throw this.refusal;
    const all = this.load();
    const texts = Object.fromEntries(Object.entries(values).map(([name, secret]) => [name, secret.reveal()]));
    all[keyOf(owner)] = { ...all[keyOf(owner)], ...texts };
    this.#save(all);
    this.writes.push({ owner: keyOf(owner), names: Object.keys(values) });
  }

  async get(owner: SecretOwner, name: string): Promise<Secret> {
    await Promise.resolve();
    if (this.refusal !== null) throw this.refusal;
    const value = this.load()[keyOf(owner)]?.[name];
    if (value === undefined) throw new AppError('not_found', 'There is no such secret.');
    return new Secret(value);
  }

  has(owner: SecretOwner, name: string): boolean {
    return this.load()[keyOf(owner)]?.[name] !== undefined;
  }

  remove(owner: SecretOwner, names?: readonly string[]): void {
    const all = this.load();
    const kept = Object.entries(all[keyOf(owner)] ?? {}).filter(
      ([name]) => names !== undefined && !names.includes(name),
    );
    if (kept.length === 0) delete all[keyOf(owner)];
    else all[keyOf(owner)] = Object.fromEntries(kept);
    this.#save(all);
  }

  load(): Stored {
    return fs.existsSync(this.#file) ? (JSON.parse(fs.readFileSync(this.#file, 'utf8')) as Stored) : {};
  }

  #save(all: Stored): void {
    const temporary = `${this.#file}.new`;
    const handle = fs.openSync(temporary, 'w', 0o600);
    fs.writeSync(handle, JSON.stringify(all));
    fs.fsyncSync(handle);
    fs.closeSync(handle);
    fs.renameSync(temporary, this.#file);
  }
}

function keyOf({ kind, id }: SecretOwner): string {
  return `${kind}:${id}`;
}
