import type { AppState } from '../shared/ipc/contract.ts';

type Notice = AppState['notices'][number];

/** What people should know about this start and this session. What was dismissed does not come back before the next start. */
export class NoticeBoard {
  readonly #onChanged: () => void;
  readonly #notices = new Map<string, Notice>();
  readonly #dismissed = new Set<string>();

  constructor(onChanged: () => void) {
    this.#onChanged = onChanged;
  }

  list(): Notice[] {
    return [...this.#notices.values()];
  }

  /** A notice of the same id replaces the one before. */
  add(notice: Notice): void {
    if (this.#dismissed.has(notice.id)) return;
    this.#notices.set(notice.id, notice);
    this.#onChanged();
  }

  /** What it said is over; when it happens again it is shown again, dismissed before or not. */
  withdraw(id: string): void {
    this.#dismissed.delete(id);
    if (this.#notices.delete(id)) this.#onChanged();
  }

  dismiss(id: string): void {
    this.#dismissed.add(id);
    if (this.#notices.delete(id)) this.#onChanged();
  }
}
