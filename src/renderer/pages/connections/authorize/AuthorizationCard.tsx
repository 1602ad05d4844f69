import type { Authorization } from '../../../../shared/connection/connection.ts';
import { Ago } from '../../../components/Ago.tsx';
import { SafeText } from '../../../components/SafeText.tsx';
import classes from './AuthorizationCard.module.css';

/** Who granted it, for which org, with what missing. */
type Shown = Pick<Authorization, 'account' | 'org' | 'grantedAt' | 'missingScopes'>;

export function AuthorizationCard({ title, authorization }: { title: string; authorization: Shown }) {
  const { missingScopes } = authorization;
  return (
    <div className={classes.card}>
      <span className={classes.title}>{title}</span>
      <SafeText className={classes.account} text={authorization.account} />
      <SafeText className={classes.org} text={authorization.org} />
      <span className={classes.org}>
        Granted <Ago at={authorization.grantedAt} />
      </span>
      {missingScopes.length > 0 && <span className={classes.missing}>Without {missingScopes.join(', ')}</span>}
    </div>
  );
}
