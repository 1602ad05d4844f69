import { Logo } from '../components/Logo.tsx';
import { NotReady } from '../components/NotReady.tsx';
import { loadInfo, retrySession, useSession } from '../stores/session.ts';
import { loadTenantData } from '../stores/subscriptions.ts';
import classes from './Opening.module.css';
import { reportElsewhere } from './report.ts';

function tryAgain(): void {
  void retrySession().then(loadInfo).catch(reportElsewhere);
  void loadTenantData();
}

/** The window before it knows what it is about: nothing, then that it opens, or why it cannot. */
export function Opening() {
  const error = useSession((state) => state.error);
  return (
    <main className={classes.main}>
      {error && (
        <>
          <Logo size={36} />
          <h1>Patchbay could not read its data</h1>
        </>
      )}
      <NotReady error={error} sentence="Opening Patchbay…" onRetry={tryAgain} />
    </main>
  );
}
