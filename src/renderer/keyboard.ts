/** The window's shortcuts. Lists and dialogs have their own; these work wherever no text is being typed. */
import { SEARCH_ATTRIBUTE } from './components/SearchBox.tsx';
import { parseRoute } from './routes.ts';
import { openDialog, useDialogs } from './stores/dialogs.ts';
import { useSession } from './stores/session.ts';

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select'))
  );
}

function create(): void {
  const route = parseRoute(window.location.hash);
  openDialog(route.page === 'jobs' ? { kind: 'createJob' } : { kind: 'createConnection' });
}

export function focusSearch(): boolean {
  const box = document.querySelector<HTMLInputElement>(`input[${SEARCH_ATTRIBUTE}]`);
  box?.focus();
  box?.select();
  return box !== null;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  // Before there is a tenant there is nothing to search or create; and an open dialog has the keys to itself.
  if (useSession.getState().tenant === null || useDialogs.getState().open.length > 0) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openDialog({ kind: 'palette' });
    return;
  }
  if (isCommand || event.altKey || isTyping(event.target)) return;
  if (event.key === '/' && focusSearch()) event.preventDefault();
  else if (event.key === 'c') {
    event.preventDefault();
    create();
  } else if (event.key === '?') {
    event.preventDefault();
    openDialog({ kind: 'shortcuts' });
  }
}

/** @returns its own undoing */
export function listenForShortcuts(): () => void {
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}
