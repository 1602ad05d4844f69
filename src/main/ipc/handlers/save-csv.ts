import { basename } from 'node:path';
import { type BrowserWindow, dialog } from 'electron';

/** What became of a file that a person was asked to name; never its path. */
export interface SavedCsv {
  readonly status: 'saved' | 'cancelled';
  readonly fileName: string;
  readonly rows: number;
}

/** Asks where to save and writes there. @param write answers how many rows it wrote */
export async function saveCsv(
  window: BrowserWindow | null,
  suggested: string,
  write: (path: string) => Promise<number>,
): Promise<SavedCsv> {
  const options = {
    defaultPath: suggested.replace(/[^\w .-]/g, '_'),
    filters: [{ name: 'CSV', extensions: ['csv'] }],
  };
  const { canceled, filePath } =
    window === null ? await dialog.showSaveDialog(options) : await dialog.showSaveDialog(window, options);
  if (canceled || filePath === undefined || filePath === '') return { status: 'cancelled', fileName: '', rows: 0 };
  return { status: 'saved', fileName: basename(filePath), rows: await write(filePath) };
}
