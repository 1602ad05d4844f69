import '../../theme/more-styles.ts';
import { Button, Tabs } from '@mantine/core';
import { Page } from '../../components/Page.tsx';
import { go, hrefOf, SETTINGS_SECTIONS, SETTINGS_TITLES, type SettingsSection, useRoute } from '../../routes.ts';
import { useSession } from '../../stores/session.ts';
import { AboutSettings } from './AboutSettings.tsx';
import { DataSettings } from './DataSettings.tsx';
import { GeneralSettings } from './GeneralSettings.tsx';
import { NetworkSettings } from './NetworkSettings.tsx';
import { OAuthAppsSettings } from './OAuthAppsSettings.tsx';
import classes from './SettingsPage.module.css';
import { TenantSettings } from './TenantSettings.tsx';
import { VaultSettings } from './VaultSettings.tsx';

const SECTIONS: Readonly<Record<SettingsSection, () => React.ReactNode>> = {
  general: GeneralSettings,
  tenant: TenantSettings,
  'oauth-apps': OAuthAppsSettings,
  vault: VaultSettings,
  network: NetworkSettings,
  data: DataSettings,
  about: AboutSettings,
};

/** What a tenant has of its own. */
const OF_TENANT: readonly SettingsSection[] = ['tenant', 'oauth-apps'];

function isSection(value: string | null): value is SettingsSection {
  return SETTINGS_SECTIONS.some((section) => section === value);
}

/** Also there before there is a tenant and after the last one: a backup, the vault and the network are of this machine. */
export function SettingsPage() {
  const route = useRoute();
  const hasTenant = useSession((state) => state.tenant !== null);
  const sections = hasTenant ? SETTINGS_SECTIONS : SETTINGS_SECTIONS.filter((each) => !OF_TENANT.includes(each));
  const wanted = route.page === 'settings' ? route.section : 'general';
  const section = sections.includes(wanted) ? wanted : 'general';
  const Section = SECTIONS[section];
  return (
    <Tabs
      value={section}
      onChange={(next) => isSection(next) && go({ page: 'settings', section: next }, 'replace')}
      className={classes.tabs ?? ''}
    >
      <Page
        title="Settings"
        action={
          !hasTenant && (
            <Button component="a" href={hrefOf({ page: 'connections' })} variant="default">
              Back
            </Button>
          )
        }
        filters={
          <Tabs.List aria-label="Settings" className={classes.list ?? ''}>
            {sections.map((each) => (
              <Tabs.Tab key={each} value={each}>
                {SETTINGS_TITLES[each]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        }
      >
        {sections.map((each) => (
          <Tabs.Panel key={each} value={each}>
            {each === section && <Section />}
          </Tabs.Panel>
        ))}
      </Page>
    </Tabs>
  );
}
