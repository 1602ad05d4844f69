import { Button } from '@mantine/core';
import type { AuthorizationOutcome } from '../../../shared/ipc/contract.ts';
import type { GrantLoss } from '../../../shared/ipc/lifecycle-contract.ts';
import { safeText } from '../../text/safe-text.ts';
import { AuthorizationCard } from './AuthorizationCard.tsx';
import classes from './AuthorizationPanel.module.css';
import { lossSummary } from './losses.ts';

const MOST_FIELDS = 12;

interface AuthorizationChoiceProps {
  readonly outcome: Extract<AuthorizationOutcome, { kind: 'confirm' }>;
  readonly onConfirm: () => void;
  readonly onRefuse: () => void;
}

/** Whether the new authorization takes the place of the one before: who it is, and what it can no longer read. */
export function AuthorizationChoice({ outcome, onConfirm, onRefuse }: AuthorizationChoiceProps) {
  const { before, after, losses, lostScopes } = outcome;
  const isOther = before.accountId !== after.accountId;
  return (
    <div className={classes.confirm} role="alert">
      <p>
        {isOther ? 'Another account has logged in.' : 'The new authorization can do less than the one before.'} Nothing
        has been replaced yet.
      </p>
      <div className={classes.pair}>
        <AuthorizationCard title="Now" authorization={before} />
        <AuthorizationCard title="Logged in just now" authorization={after} />
      </div>
      {losses.length > 0 && <Losses losses={losses} />}
      {lostScopes.length > 0 && <p className={classes.loss}>Without the scopes {lostScopes.join(', ')}.</p>}
      <div className={classes.buttons}>
        <Button variant="default" size="xs" onClick={onRefuse}>
          {isOther ? 'Keep the account before' : 'Keep the authorization before'}
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
