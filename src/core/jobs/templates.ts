import type { JobTemplate } from '../../../connectors/catalog.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { JobSettings } from '../../shared/job/job.ts';

/** An out-of-the-box job of a new connection, with the manifest's job it is made from. */
export interface FirstJob extends JobSettings {
  readonly templateId: string;
}

/** Named as the original names them: "Company Sync_<connection name>". */
export function settingsFromTemplate(template: JobTemplate, connection: Pick<Connection, 'id' | 'name'>): FirstJob {
  return {
    templateId: template.id,
    name: `${template.name}_${connection.name}`.slice(0, 120),
    connectionId: connection.id,
    sourceObject: template.sourceObject,
    mapping: template.mapping.map((entry) => ({ ...entry })),
    keyColumn: template.keyColumn,
    mode: template.mode,
    cursorField: template.cursorField,
    lookbackSeconds: template.lookbackSeconds,
    filter: [],
    destination: { kind: 'cache' },
    isEnabled: template.isEnabled,
  };
}
