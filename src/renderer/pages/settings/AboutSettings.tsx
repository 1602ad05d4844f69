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
        {Object.entries(info.builtOn).map(([name, version]) => (
          <Fact key={name} name={name} value={version} />
        ))}
        <dt>Platform</dt>
        <dd>{info.platform}</dd>
      </dl>
      <p className={classes.dim}>
        Patchbay is not a product of Gainsight. Names and logos of systems belong to their owners and stand here only to
        tell which system a connection is for.
      </p>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="pb-num">{value}</dd>
    </>
  );
}
