import { MantineProvider } from '@mantine/core';
import { useColorScheme } from '@mantine/hooks';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { EmptyState } from './components/EmptyState.tsx';
import { ErrorNote } from './components/ErrorNote.tsx';
import { Page } from './components/Page.tsx';
import { useLate } from './components/use-late.ts';
import { DialogHost } from './dialogs/DialogHost.tsx';
import { Frame } from './frame/Frame.tsx';
import { listenForShortcuts } from './keyboard.ts';
import { ConnectionsPage } from './pages/connections/ConnectionsPage.tsx';
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
  const error = useSession((state) => state.error);
  const tenant = useSession((state) => state.tenant);
  const { page } = useRoute();
  const isLate = useLate(status === 'loading');
  useEffect(() => {
    if (tenant && page !== 'connections') needJobs();
  }, [tenant, page]);
  if (status === 'loading') return isLate ? <EmptyState sentence="Opening Patchbay…" /> : null;
  if (status === 'failed') return <ErrorNote message={`Patchbay could not read its data. ${error?.message ?? ''}`} />;
  if (!tenant) {
    return (
      <Suspense fallback={null}>
        <FirstRunPage />
      </Suspense>
    );
  }
  const Current = PAGES[page];
  return (
    <Frame>
      <Suspense fallback={<Page title={PAGE_TITLES[page]}>{null}</Page>}>
        <Current key={`${tenant.id}/${page}`} />
      </Suspense>
    </Frame>
  );
}
