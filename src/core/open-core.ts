/** The application without Electron: its parts, in the order in which they need each other. */
import { type Connections, openConnections } from './connections/open-connections.ts';
import { type Jobs, openJobs } from './jobs/open-jobs.ts';
import { openRuns, type Runs } from './jobs/open-runs.ts';
import { type Network, openNetwork } from './network/open-network.ts';
import { type Access, openAccess } from './oauth/open-access.ts';
import { type Maintenance, openMaintenance } from './open-maintenance.ts';
import type { Platform } from './platform.ts';
import { openPractice, type Practice } from './practice/open-practice.ts';
import { openRecords, type Records } from './records/open-records.ts';
import { openTenants, type Tenants } from './tenants/open-tenants.ts';
import { openTransfer, type Transfer } from './transfer/open-transfer.ts';
import { openSecrets, type Secrets } from './vault/open-secrets.ts';

export interface Core {
  readonly records: Records;
  readonly secrets: Secrets;
  readonly tenants: Tenants;
  readonly network: Network;
  readonly practice: Practice;
  readonly access: Access;
  readonly runs: Runs;
  readonly jobs: Jobs;
  readonly connections: Connections;
  readonly maintenance: Maintenance;
  readonly transfer: Transfer;
  /** Stops runs so that the next start resumes them, and closes what is open. */
  close(): Promise<void>;
}

/** @throws AppError when the profile cannot be opened */
export async function openCore(platform: Platform): Promise<Core> {
  const records = await openRecords(platform);
  const secrets = openSecrets(platform, records);
  const tenants = openTenants(platform, records, secrets);
  const network = openNetwork(platform, records, tenants);
  const practice = openPractice({ platform, records, secrets, tenants });
  const access = openAccess({ platform, records, secrets, network });
  const runs = openRuns({ platform, records, network, access });
  const jobs = openJobs({ platform, records, secrets, tenants, network, runs });
  const connections = openConnections({ platform, records, secrets, tenants, network, practice, access, runs, jobs });
  const transfer = openTransfer({ platform, records, secrets, tenants, connections, runs, jobs });
  const maintenance = openMaintenance({ platform, records, secrets, access, connections, runs, jobs, practice });
  const close = async (): Promise<void> => {
    access.authorization.cancelAll();
    maintenance.stop();
    await runs.runner.shutdown();
    practice.host.stop();
    await runs.reader.close();
    await network.transport.close();
    await records.store.close();
    records.lock.release();
  };
  return {
    ...{ records, secrets, tenants, network, practice, access, runs, jobs, connections, transfer, maintenance },
    close,
  };
}
