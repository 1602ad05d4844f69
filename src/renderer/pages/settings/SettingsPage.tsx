import '../../theme/more-styles.ts';
import { Tabs } from '@mantine/core';
import { Page } from '../../components/Page.tsx';
import { go, SETTINGS_SECTIONS, type SettingsSection, useRoute } from '../../routes.ts';
import { AboutSettings } from './AboutSettings.tsx';
import { DataSettings } from './DataSettings.tsx';
import { GeneralSettings } from './GeneralSettings.tsx';
import { NetworkSettings } from './NetworkSettings.tsx';
import { OAuthAppsSettings } from './OAuthAppsSettings.tsx';
import classes from './SettingsPage.module.css';
import { TenantSettings } from './TenantSettings.tsx';
import { VaultSettings } from './VaultSettings.tsx';

const NAMES: Readonly<Record<SettingsSection, string>> = {
  general: 'General',
  tenant: 'Tenant',
  'oauth-apps': 'OAuth apps',
  vault: 'Vault',
  network: 'Network',
  data: 'Data and backup',
  about: 'About',
};
const SECTIONS: Readonly<Record<SettingsSection, () => React.ReactNode>> = {
  general: GeneralSettings,
  tenant: TenantSettings,
  'oauth-apps': OAuthAppsSettings,
  vault: VaultSettings,
  network: NetworkSettings,
  data: DataSettings,
  about: AboutSettings,
};

function isSection(value: string | null): value is SettingsSection {
  return SETTINGS_SECTIONS.some((section) => section === value);
}

export function SettingsPage() {
  const route = useRoute();
  const section = route.page === 'settings' ? route.section : 'general';
  const Section = SECTIONS[section];
  return (
    <Tabs
      value={section}
      onChange={(next) => isSection(next) && go({ page: 'settings', section: next }, 'replace')}
      className={classes.tabs ?? ''}
    >
      <Page
        title="Settings"
        filters={
          <Tabs.List aria-label="Settings" className={classes.list ?? ''}>
            {SETTINGS_SECTIONS.map((each) => (
              <Tabs.Tab key={each} value={each}>
                {NAMES[each]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        }
      >
        {SETTINGS_SECTIONS.map((each) => (
          <Tabs.Panel key={each} value={each}>
            {each === section && <Section />}
          </Tabs.Panel>
        ))}
      </Page>
    </Tabs>
  );
}
