import { Note } from '../../components/ErrorNote.tsx';
import { useSession } from '../../stores/session.ts';
import classes from './SettingsPage.module.css';

export function AboutSettings() {
  const info = useSession((state) => state.info);
  if (!info) return null;
  return (
    <div className={classes.section}>
      {info.isCompatibilityRuntime && (
        <Note kind="warning">
          Patchbay runs on its compatibility runtime, whose Chromium lacks recent security fixes. Use it for evaluation
          and tests; install the packaged app for daily work.
        </Note>
      )}
      <dl className={classes.facts}>
        <dt>Version</dt>
        <dd className="pb-num">{info.version}</dd>
        <dt>Electron</dt>
        <dd className="pb-num">{info.electron}</dd>
        <dt>Platform</dt>
        <dd>{info.platform}</dd>
      </dl>
    </div>
  );
}
