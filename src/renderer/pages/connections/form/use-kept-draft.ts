import { useEffect } from 'react';
import { discardDraft, keepDraft, newDraftKey, withoutSecrets } from '../../../stores/drafts.ts';
import { isTouched } from './form.ts';
import type { ConnectionForm } from './use-connection-form.ts';

/** After so long without a change what was typed is kept. */
const PAUSE_MS = 1000;

/**
 * Keeps what is typed while it is typed, so that neither a crash nor another connector costs it.
 * @param isNew the form began without a connection
 * @returns how to end with it
 */
export function useKeptDraft(form: ConnectionForm, isNew: boolean): { keep: () => void; discard: () => void } {
  const { connector, values, pristine, row } = form;
  const key = row?.connection.id ?? newDraftKey(connector.id);
  const isTyped = isTouched(withoutSecrets(values), withoutSecrets(pristine));
  useEffect(() => {
    if (!isTyped) return;
    const timer = setTimeout(() => keepDraft(key, values, pristine), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [key, values, pristine, isTyped]);
  // Once it exists, what is typed further is about it: the next new connection begins with nothing of it.
  const isNowThere = isNew && row !== null;
  useEffect(() => {
    if (isNowThere) discardDraft(newDraftKey(connector.id));
  }, [isNowThere, connector.id]);
  return {
    keep: () => (isTyped ? keepDraft(key, values, pristine) : discardDraft(key)),
    discard: () => discardDraft(key),
  };
}
