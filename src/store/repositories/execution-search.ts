/** What a typed text finds in the executions: names, causes of failures, statuses and ways to start. */
import { type ExecutionStatus, executionStatusSchema } from '../../shared/activity/activity.ts';
import { EXECUTION_STATUS_NAMES, TRIGGER_WORDS } from '../../shared/activity/status-names.ts';
import { foldForSearch } from '../../shared/search-fold.ts';
import type { TextSearch } from '../rows.ts';

/** A status is found by the beginning of one of its words, from this many letters on. */
const STATUS_LETTERS = 3;

/** Statuses whose name on screen has the text at the beginning of a word: "fail", "partial", "success". */
export function statusesNamed(search: string): ExecutionStatus[] {
  const text = foldForSearch(search.trim());
  if (text.length < STATUS_LETTERS) return [];
  return executionStatusSchema.options.filter((status) =>
    ` ${foldForSearch(EXECUTION_STATUS_NAMES[status])}`.includes(` ${text}`),
  );
}

/** Ways to start that the text names whole: "man" is more likely the beginning of a job's name than every run by hand. */
export function triggersNamed(search: string): string[] {
  const text = foldForSearch(search.trim());
  return Object.entries(TRIGGER_WORDS).flatMap(([trigger, words]) =>
    words.some((word) => foldForSearch(word) === text) ? [trigger] : [],
  );
}

/** Numbers of a tenant's causes that hold the text. */
export function causesSql(text: TextSearch): string {
  return text.kind === 'match'
    ? 'SELECT rowid FROM causes_search WHERE causes_search MATCH @text AND rowid BETWEEN @tenantNo << 32 AND (@tenantNo + 1 << 32) - 1'
    : 'SELECT id FROM causes WHERE tenant_no = @tenantNo AND instr(search_text, @text) > 0';
}
