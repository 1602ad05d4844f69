import { MantineProvider } from '@mantine/core';
import { useColorScheme } from '@mantine/hooks';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { Page } from './components/Page.tsx';
import { DialogHost } from './dialogs/DialogHost.tsx';
import { BareFrame, Frame } from './frame/Frame.tsx';
import { Opening } from './frame/Opening.tsx';
import { listenForShortcuts } from './keyboard.ts';
import { ConnectionsPage } from './pages/connections/list/ConnectionsPage.tsx';
import { PAGE_TITLES, type PageName, useRoute } from './routes.ts';
import { needJobs } from './stores/jobs.ts';
import { useSession } from './stores/session.ts';
import { cssVariables, theme } from './theme/theme.ts';

const Toasts = lazy(async () => ({ default: (await import('./frame/Toasts.tsx')).Toasts }));
const FirstRunPage = lazy(async () => ({ default: (await import('./pages/first-run/FirstRunPage.tsx')).FirstRunPage }));
const PAGES: Readonly<Record<PageName, ComponentType>> = {
  connections: ConnectionsPage,
  jobs: lazy(async () => ({ default: (await import('./pages/jobs/JobsPage.tsx')).JobsPage })),
  activity: lazy(async () => ({ default: (await import('./pages/activity/ActivityPage.tsx')).ActivityPage })),
  data: lazy(async () => ({ default: (await import('./pages/data/DataPage.tsx')).DataPage })),
  settings: lazy(async () => ({ default: (await import('./pages/settings/SettingsPage.tsx')).SettingsPage })),
};

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

function useScheme(): 'light' | 'dark' {
  const chosen = useSession((state) => state.settings.theme);
  const system = useColorScheme('light', { getInitialValueInEffect: false });
  return chosen === 'system' ? system : chosen;
}

export function App() {
  const scheme = useScheme();
  useEffect(listenForShortcuts, []);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      forceColorScheme={scheme}
      getStyleNonce={() => nonce}
    >
      <Window />
      <DialogHost />
      <Suspense fallback={null}>
        <Toasts />
      </Suspense>
    </MantineProvider>
  );
}

function Window() {
  const status = useSession((state) => state.status);
  const tenant = useSession((state) => state.tenant);
  const { page } = useRoute();
  useEffect(() => {
    if (tenant && page !== 'connections') needJobs();
  }, [tenant, page]);
  if (status !== 'ready') return <Opening />;
  const Current = PAGES[page];
  if (!tenant) {
    return (
      <Suspense fallback={null}>
        {page === 'settings' ? (
          <BareFrame>
            <Current />
          </BareFrame>
        ) : (
          <FirstRunPage />
        )}
      </Suspense>
    );
  }
  return (
    <Frame>
      <Suspense fallback={<Page title={PAGE_TITLES[page]}>{null}</Page>}>
        <Current key={`${tenant.id}/${page}`} />
      </Suspense>
    </Frame>
  );
}
