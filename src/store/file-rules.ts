import { guarded, type WritableDb } from './database.ts';
import { CONFIG_MIGRATIONS, HISTORY_MIGRATIONS, VAULT_MIGRATIONS } from './migrations.ts';
import type { OpenRules } from './open-rules.ts';

export const CONFIG_RULES: OpenRules = {
  file: 'config',
  migrations: CONFIG_MIGRATIONS,
  check: 'whole',
  backups: 'rotating',
  title: 'The file with tenants, connections and jobs',
  afterLoss: 'There was no backup, so Patchbay starts empty.',
  salvage: 'last',
};

export const VAULT_RULES: OpenRules = {
  file: 'vault',
  migrations: VAULT_MIGRATIONS,
  check: 'whole',
  backups: 'none',
  title: 'The credential store',
  afterLoss: 'Credentials are not backed up. Re-authorize the connections; their jobs and history are unaffected.',
  salvage: 'first',
};

export const HISTORY_RULES: OpenRules = {
  file: 'history',
  migrations: HISTORY_MIGRATIONS,
  check: 'cheap',
  probe: probeHistory,
  backups: 'beforeUpgrade',
  title: 'The activity history',
  afterLoss: 'Earlier activities are gone from the lists. Connections, jobs and data are unaffected.',
  salvage: 'first',
};

/** Walks what the Connections page reads, so that damage there shows now and not as an empty page. */
function probeHistory(db: WritableDb): void {
  guarded(db, () => {
    db.prepare('SELECT sum(started_at), sum(data_as_of) FROM latest_runs').get();
    db.prepare('SELECT sum(n) FROM tenant_tallies').get();
    db.prepare(
      `SELECT sum(length(s.connection_id)), sum(length(e.failure)) FROM executions e INDEXED BY executions_failed
       JOIN subjects s ON s.id = e.subject_id WHERE e.tenant_no >= 0 AND e.status = 'failed' AND e.ended_at >= ?`,
    ).get(Date.now() - 86_400_000);
    db.prepare(
      'SELECT sum(length(s.job_name)) FROM executions e JOIN subjects s ON s.id = e.subject_id WHERE e.ended_at IS NULL',
    ).get();
  });
}
