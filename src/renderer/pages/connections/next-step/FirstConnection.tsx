import { Button } from '@mantine/core';
import { ConnectorLogo } from '../../../components/ConnectorLogo.tsx';
import { openDialog } from '../../../stores/dialogs.ts';
import { useSession } from '../../../stores/session.ts';
import { groupConnectors } from '../form/picker.ts';
import { FIRST_CONNECTION } from './labels.ts';
import classes from './NextStep.module.css';

/** Connectors offered by name; the picker of Create Connection has all of them. */
const MOST = 6;

/** For an empty list: the first connectors, each one click from its form, and the way to all others. */
export function FirstConnection() {
  const connectors = useSession((state) => state.connectors);
  const external = groupConnectors(connectors, '').flatMap((group) =>
    group.category === 'gainsight' || group.category === 'api' ? [] : group.connectors,
  );
  return (
    <div className={classes.connectors}>
      {external.slice(0, MOST).map((connector) => (
        <Button
          key={connector.id}
          variant="default"
          leftSection={<ConnectorLogo size={20} logoPath={connector.logoPath} monogram={connector.monogram} />}
          onClick={() => openDialog({ kind: 'createConnection', connectorId: connector.id })}
        >
          {FIRST_CONNECTION.connect(connector.name)}
        </Button>
      ))}
      <Button variant="light" onClick={() => openDialog({ kind: 'createConnection' })}>
        {FIRST_CONNECTION.other}
      </Button>
    </div>
  );
}
