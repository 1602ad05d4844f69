import { AppError } from '../../shared/errors.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { ImportPreview, ImportResult } from '../../shared/transfer.ts';
import { exportConnections } from './export.ts';
import { readTransferFile, type TransferFile, writeTransferFile } from './file.ts';
import { importConnections } from './import.ts';
import type { TransferPorts } from './ports.ts';
import { previewEntries } from './preview.ts';
import { openKeys } from './sealed-keys.ts';

/** Export and import of connections. Knows texts, not files: where they come from and go to is the handler's business. */
export class TransferService {
  readonly #ports: TransferPorts;
  /** The file that is being looked at; the page knows it by its id only. */
  #opened: { readonly id: string; readonly tenantId: string; readonly file: TransferFile } | null = null;

  constructor(ports: TransferPorts) {
    this.#ports = ports;
  }

  /**
   * @returns the file's text, what is in it, and `saved` to be called when it was written: that is an activity
   * @throws AppError vault_locked when keys are wanted and cannot be read
   */
  async export(
    ids: readonly ConnectionId[],
    passphrase: string | null,
  ): Promise<{ text: string; saved: () => void; connections: number; jobs: number; withKeys: number }> {
    const { file, jobs, withKeys, update } = await exportConnections(this.#ports, ids, passphrase);
    const saved = (): void => this.#ports.record(update);
    return { text: writeTransferFile(file), saved, connections: file.connections.length, jobs, withKeys };
  }

  /** @throws AppError invalid_input; nothing is changed either way */
  open(text: string, fileName: string): ImportPreview {
    const file = readTransferFile(text);
    const id = this.#ports.newId();
    const entries = previewEntries(this.#ports, file);
    this.#opened = { id, tenantId: this.#ports.tenant().id, file };
    return {
      importId: id,
      fileName,
      exportedAt: file.exportedAt,
      tenantName: file.tenant.name,
      hasKeys: file.keys !== null,
      entries,
    };
  }

  /** @throws AppError wrong_passphrase, before anything is changed */
  async import(
    importId: string,
    choices: readonly { readonly index: number; readonly name: string }[],
    passphrase: string | null,
  ): Promise<ImportResult[]> {
    const opened = this.#opened;
    if (opened?.id !== importId || opened.tenantId !== this.#ports.tenant().id)
      throw new AppError('not_found', 'This file is not open any more. Choose it again.');
    if (new Set(choices.map(({ index }) => index)).size !== choices.length)
      throw new AppError('invalid_input', 'A connection was chosen twice.');
    const keys = passphrase === null ? {} : await openKeys(opened.file, passphrase);
    this.#opened = null;
    return importConnections(this.#ports, opened.file, choices, keys);
  }
}
