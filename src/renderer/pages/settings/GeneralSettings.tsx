import { Radio } from '@mantine/core';
import { useState } from 'react';
import type { Settings } from '../../../shared/ipc/contract.ts';
import { toAppError } from '../../bridge.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { changeSettings, useSession } from '../../stores/session.ts';
import classes from './SettingsPage.module.css';

const THEMES: readonly (readonly [Settings['theme'], string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];
const WAYS: readonly (readonly [Settings['authorizationWay'], string])[] = [
  ['connector', 'As the connector recommends'],
  ['window', 'In a window of Patchbay'],
  ['browser', 'In the system browser'],
];

export function GeneralSettings() {
  const settings = useSession((state) => state.settings);
  const [problem, setProblem] = useState<string | null>(null);
  const change = (part: Partial<Settings>): void => {
    setProblem(null);
    changeSettings(part).catch((error: unknown) => setProblem(toAppError(error).message));
  };
  return (
    <div className={classes.section}>
      <Radio.Group
        label="Theme"
        value={settings.theme}
        onChange={(value) => change({ theme: THEMES.find(([theme]) => theme === value)?.[0] ?? 'system' })}
      >
        <div className={classes.ways}>
          {THEMES.map(([theme, name]) => (
            <Radio key={theme} value={theme} label={name} />
          ))}
        </div>
      </Radio.Group>
      <Radio.Group
        label="Log in to systems"
        description="Every log-in can still be opened the other way."
        value={settings.authorizationWay}
        onChange={(value) => change({ authorizationWay: WAYS.find(([way]) => way === value)?.[0] ?? 'connector' })}
      >
        <div className={classes.ways}>
          {WAYS.map(([way, name]) => (
            <Radio key={way} value={way} label={name} />
          ))}
        </div>
      </Radio.Group>
      {problem && <ErrorNote message={problem} />}
    </div>
  );
}
