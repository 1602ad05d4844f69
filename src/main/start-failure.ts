/** What is said when the app cannot start: in a window of the system's, since there is none of the app's own yet. */
import { join } from 'node:path';
import { app, dialog, shell } from 'electron';
import { AppError } from '../shared/app-error.ts';

const TITLES: Partial<Record<AppError['code'], string>> = {
  newer_profile: 'This profile was made by a newer version of Patchbay',
  disk_full: 'The disk is full',
  busy: 'The profile is in use',
  database_damaged: 'The profile cannot be read',
  profile_unusable: 'The profile folder can’t be used',
};

export interface FailureWords {
  readonly title: string;
  readonly detail: string;
}

/** A typed failure in its own words; anything else says where to look. */
export function failureWords(error: unknown): FailureWords {
  if (error instanceof AppError)
    return { title: TITLES[error.code] ?? 'Patchbay could not start', detail: error.message };
  const why = error instanceof Error ? error.message : String(error);
  return {
    title: 'Patchbay could not start',
    detail: `Something unexpected happened (${why}). Nothing was changed. The log in the profile’s folder has the details.`,
  };
}

/** Nothing that the mask would know has been read when a start fails. */
async function writeToLog(error: unknown): Promise<void> {
  try {
    const { openLog } = await import('../core/log.ts');
    openLog(join(app.getPath('userData'), 'logs'), (text) => text).error('Patchbay could not start', error);
  } catch (cause) {
    process.stderr.write(
      `The log could not be written (${cause instanceof Error ? cause.message : 'unknown reason'}).\n`,
    );
  }
}

/** Nothing has failed: the other one goes on. */
export function endAsSecond(): void {
  process.stderr.write('Patchbay is open already with this profile.\n');
  app.exit(0);
}

/** Tells it, also on stderr, and ends the app. */
export async function endAfter(error: unknown): Promise<void> {
  if (error instanceof AppError && error.code === 'profile_in_use') return endAsSecond();
  const { title, detail } = failureWords(error);
  process.stderr.write(`${title}. ${detail}\n`);
  await writeToLog(error);
  await app.whenReady();
  const { response } = await dialog.showMessageBox({
    type: 'error',
    title: 'Patchbay',
    message: title,
    detail,
    buttons: ['Quit', 'Show the profile’s folder'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  if (response === 1) shell.showItemInFolder(app.getPath('userData'));
  app.exit(1);
}
