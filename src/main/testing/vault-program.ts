/**
 * The vault alone on a real Electron, for test/vault: reads steps as JSON from PATCHBAY_VAULT_STEPS, prints what came of them as
 * one line of JSON, and ends. Not part of the app.
 */
import * as electron from 'electron';
import { Secret } from '../../../connectors/kit/doors/authorization.ts';
import { Keyring, safeStorageOf } from '../../core/vault/keyring.ts';
import { SecretMask } from '../../core/vault/masking.ts';
import { keyringGate } from '../../core/vault/secret-service.ts';
import { VaultService } from '../../core/vault/vault-service.ts';
import { AppError } from '../../shared/errors.ts';
import { closeDatabase } from '../../store/database.ts';
import { VAULT_RULES } from '../../store/file-rules.ts';
import { openProfile } from '../../store/profile.ts';
import { openChecked } from '../../store/startup-check.ts';

const OWNER = { kind: 'connection', id: 'connection0001' } as const;

type Step =
  | { readonly put: Readonly<Record<string, string>> }
  | { readonly get: string }
  | { readonly passphrase: string }
  | { readonly unlock: string | null };

async function take(vault: VaultService, step: Step): Promise<string> {
  try {
    if ('get' in step) return (await vault.get(OWNER, step.get)).reveal();
    if ('put' in step) {
      const values = Object.entries(step.put).map(([name, value]) => [name, new Secret(value)] as const);
      await vault.put(OWNER, Object.fromEntries(values));
    } else if ('passphrase' in step) await vault.setPassphrase(new Secret(step.passphrase), null);
    else await vault.unlock(step.unlock === null ? null : new Secret(step.unlock));
    return 'done';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

async function run(): Promise<void> {
  const profile = openProfile(electron.app.getPath('userData'));
  const { db } = await openChecked(VAULT_RULES, profile, (text, error) => console.error(text, error));
  const vault = new VaultService({
    db,
    keyring: new Keyring(
      safeStorageOf(electron),
      process.platform,
      keyringGate(false, electron.app.commandLine.getSwitchValue('password-store'), process.env, process.platform),
    ),
    mask: new SecretMask(),
    application: electron.app.name,
    now: () => new Date().toISOString(),
    log: (text, error) => console.error(text, error),
    patienceMs: 3_000,
  });
  const steps = JSON.parse(process.env.PATCHBAY_VAULT_STEPS ?? '[]') as Step[];
  const outcomes: string[] = [];
  for (const step of steps) outcomes.push(await take(vault, step));
  process.stdout.write(`${JSON.stringify({ outcomes, status: vault.status() })}\n`);
  closeDatabase(db);
}

electron.app
  .whenReady()
  .then(run)
  .then(
    () => electron.app.exit(0),
    (error: unknown) => {
      console.error(error);
      electron.app.exit(1);
    },
  );
