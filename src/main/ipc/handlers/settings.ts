import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type BrowserWindow, dialog, shell } from 'electron';
import { MAX_PEM_BYTES } from '../../../core/network/certificates.ts';
import { MAX_FILE_BYTES } from '../../../core/transfer/file.ts';
import { AppError } from '../../../shared/app-error.ts';
import type { SETTINGS_CALLS } from '../../../shared/ipc/contract/settings.ts';
import { writeFileAtomic } from '../../../store/atomic-file.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

type SettingsHandlers = Pick<Handlers, keyof typeof SETTINGS_CALLS>;
type Filters = { name: string; extensions: string[] }[];

/** Files are chosen in the system's own dialogs, by a person: the page names none and is told no path. */
async function choose(window: BrowserWindow | null, title: string, filters: Filters): Promise<string | null> {
  const options = { title, filters, properties: ['openFile' as const] };
  const { canceled, filePaths } =
    window === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(window, options);
  return canceled ? null : (filePaths[0] ?? null);
}

/** @throws AppError invalid_input for a folder, a device, or a file larger than `most` bytes */
async function readChosen(path: string, most: number): Promise<Buffer> {
  const refuse = (why: string, cause?: unknown): AppError =>
    new AppError('invalid_input', `${basename(path)} ${why}`, cause === undefined ? {} : { cause });
  try {
    const found = await stat(path);
    if (!found.isFile()) throw refuse('is not a file.');
    if (found.size > most) throw refuse('is too large to be what it should be.');
    return await readFile(path);
  } catch (error) {
    throw error instanceof AppError ? error : refuse('cannot be read. Check that you may open it.', error);
  }
}

async function chooseTarget(window: BrowserWindow | null, suggested: string): Promise<string | null> {
  const options = { defaultPath: suggested, filters: [{ name: 'Exported connections', extensions: ['json'] }] };
  const { canceled, filePath } =
    window === null ? await dialog.showSaveDialog(options) : await dialog.showSaveDialog(window, options);
  return canceled || filePath === undefined || filePath === '' ? null : filePath;
}

function write(path: string, text: string): void {
  try {
    writeFileAtomic(path, text, 'drop');
  } catch (cause) {
    const isFull = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
    throw new AppError(
      isFull ? 'disk_full' : 'not_allowed',
      isFull
        ? 'The disk is full, so nothing was saved.'
        : 'The file could not be written there. Choose another folder.',
      { cause },
    );
  }
}

export function settingsHandlers({ core, window, asSecret, restart }: HandlerParts): SettingsHandlers {
  const { store, notices, profile } = core.records;
  const { settings: network, directTransport } = core.network;
  const { transfer, forgotten, removal } = core.transfer;
  const backups = () => ({ backups: store.backups() });
  return {
    'app.dismissNotice': ({ id }) => {
      notices.dismiss(id);
      return {};
    },
    'app.showProfile': () => {
      shell.showItemInFolder(profile.root);
      return {};
    },
    'tenants.removalImpact': ({ id }) => removal.impact(id),
    'vault.forgottenImpact': () => forgotten.impact(),
    'vault.replaceForgottenPassphrase': ({ passphrase, typed }) => forgotten.replace(asSecret(passphrase), typed),
    'network.get': () => ({ certificates: network.certificates() }),
    'network.addCertificates': async () => {
      const path = await choose(window(), 'Add a certificate authority', [
        { name: 'Certificates (PEM, DER)', extensions: ['pem', 'crt', 'cer', 'der'] },
        { name: 'All files', extensions: ['*'] },
      ]);
      if (path === null) return { status: 'cancelled', added: 0, refused: [], certificates: network.certificates() };
      const { added, refused } = network.add(await readChosen(path, MAX_PEM_BYTES));
      return { status: 'added', added, refused: [...refused], certificates: network.certificates() };
    },
    'network.removeCertificate': ({ id }) => {
      network.remove(id);
      return { certificates: network.certificates() };
    },
    'network.test': ({ url, allowPrivateNetwork }) => network.test(directTransport, url, allowPrivateNetwork),
    'backups.list': backups,
    'backups.make': async () => {
      await store.backUpNow();
      return backups();
    },
    'backups.restore': async ({ id }) => {
      await store.restoreAtNextStart(id);
      restart();
      return {};
    },
    'transfer.export': async ({ ids, passphrase }) => {
      // First what is written: nobody should choose a name for what cannot be made.
      const { text, saved, ...counts } = await transfer.export(ids, passphrase ?? null);
      const day = new Date().toISOString().slice(0, 10);
      const path = await chooseTarget(window(), `Patchbay connections ${day}.json`);
      if (path === null) return { status: 'cancelled', fileName: '', ...counts };
      write(path, text);
      saved();
      return { status: 'saved', fileName: basename(path), ...counts };
    },
    'transfer.open': async () => {
      const path = await choose(window(), 'Import connections', [
        { name: 'Exported connections', extensions: ['json'] },
        { name: 'All files', extensions: ['*'] },
      ]);
      if (path === null) return { preview: null };
      return { preview: transfer.open((await readChosen(path, MAX_FILE_BYTES)).toString(), basename(path)) };
    },
    'transfer.import': async ({ importId, choices, passphrase }) => ({
      results: await transfer.import(importId, choices, passphrase ?? null),
    }),
  };
}
