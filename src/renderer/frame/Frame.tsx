import type { ReactNode } from 'react';
import { useSession } from '../stores/session.ts';
import { Banners } from './Banners.tsx';
import classes from './Frame.module.css';
import { Sidebar } from './Sidebar.tsx';

/** The window around every page. The practice tenant is framed, so that nobody takes it for a real one. */
export function Frame({ children }: { children: ReactNode }) {
  const isPractice = useSession((state) => state.tenant?.kind === 'practice');
  return (
    <div className={classes.frame} data-practice={isPractice || undefined}>
      <Sidebar />
      <main className={classes.main}>
        {isPractice && (
          <p className={classes.practice}>
            Practice tenant: local practice servers and made-up data. Nothing here touches a real system.
          </p>
        )}
        <Banners />
        <div className={classes.content}>{children}</div>
      </main>
    </div>
  );
}

/** Around a page while there is no tenant: nothing to go to yet. */
export function BareFrame({ children }: { children: ReactNode }) {
  return (
    <div className={classes.bare}>
      <main className={classes.main}>
        <Banners />
        <div className={classes.content}>{children}</div>
      </main>
    </div>
  );
}
