import { Button } from '@mantine/core';
import type { ConnectionStateKind } from '../../../../shared/connection/state.ts';
import type { GrantLoss } from '../../../../shared/ipc/contract/credentials.ts';
import type { AuthorizationOutcome } from '../../../../shared/ipc/contract.ts';
import { safeText } from '../../../text/safe-text.ts';
import { CARD_TITLES } from '../list/row-text.ts';
import { AuthorizationCard } from './AuthorizationCard.tsx';
import classes from './AuthorizationPanel.module.css';
import { lossSummary } from './losses.ts';

const MOST_FIELDS = 12;
/** Where the authorization before is dead, nothing of it can be kept. */
const LEAVE: Partial<Record<ConnectionStateKind, string>> = {
  disconnected: 'Leave it disconnected',
  revoked: 'Leave it revoked',
};
const LOG_IN = { other: 'Another account has logged in.', now: 'Logged in just now' };
const KEYS = { other: 'These keys belong to another account or key ID than the ones before.', now: 'Entered just now' };

interface AuthorizationChoiceProps {
  readonly outcome: Extract<AuthorizationOutcome, { kind: 'confirm' }>;
  readonly state: ConnectionStateKind;
  readonly isLogIn: boolean;
  readonly onConfirm: () => void;
  readonly onRefuse: () => void;
}

/** Whether the new authorization takes the place of the one before: who it is, and what it can no longer read. */
export function AuthorizationChoice({ outcome, state, isLogIn, onConfirm, onRefuse }: AuthorizationChoiceProps) {
  const { before, after, losses, lostScopes } = outcome;
  const words = isLogIn ? LOG_IN : KEYS;
  const isOther = before.accountId !== after.accountId;
  return (
    <div className={classes.confirm} role="alert">
      <p>
        {isOther ? words.other : 'The new authorization can do less than the one before.'} Nothing has been replaced
        yet.
      </p>
      <div className={classes.pair}>
        <AuthorizationCard title={CARD_TITLES[state]} authorization={before} />
        <AuthorizationCard title={words.now} authorization={after} />
      </div>
      {losses.length > 0 && <Losses losses={losses} />}
      {lostScopes.length > 0 && <p className={classes.loss}>Without the scopes {lostScopes.join(', ')}.</p>}
      <div className={classes.buttons}>
        <Button variant="default" size="xs" onClick={onRefuse}>
          {LEAVE[state] ?? (isOther ? 'Keep the account before' : 'Keep the authorization before')}
        </Button>
        <Button size="xs" onClick={onConfirm}>
          {isOther ? 'Use the new account' : 'Use the new authorization'}
        </Button>
      </div>
    </div>
  );
}

function Losses({ losses }: { losses: readonly GrantLoss[] }) {
  return (
    <div className={classes.loss}>
      <strong>{lossSummary(losses)}</strong>
      <ul>
        {losses.map((loss) => (
          <li key={loss.object}>
            <bdi>{safeText(loss.object, 120)}</bdi>
            {loss.refusal === null ? `: ${namesOf(loss.lostFields)}` : `: ${safeText(loss.refusal, 300)}`}
            <span className={classes.jobs}> Used by {namesOf(loss.jobs)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_FIELDS).map((name) => safeText(name, 120));
  return names.length > MOST_FIELDS ? `${shown.join(', ')} and ${names.length - MOST_FIELDS} more` : shown.join(', ');
}
