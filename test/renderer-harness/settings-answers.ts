/** The harness's answers to the calls of Settings. */
import { AppError } from '../../src/shared/app-error.ts';
import type { CallName } from '../../src/shared/ipc/channels.ts';
import type { SETTINGS_CALLS } from '../../src/shared/ipc/contract/settings.ts';
import type { CallOutput, ParsedInput } from '../../src/shared/ipc/contract.ts';
import type { VaultStatus } from '../../src/shared/vault.ts';
import * as sample from './sample-data.ts';

type Name = Extract<CallName, keyof typeof SETTINGS_CALLS>;
type Answers = { readonly [N in Name]: (input: ParsedInput<N>) => CallOutput<N> };

const DAY = 24;

export function settingsAnswers(ports: {
  readonly status: () => VaultStatus;
  readonly setVault: (status: VaultStatus) => VaultStatus;
  readonly dismiss: (id: string) => void;
}): Answers {
  let certificates: CallOutput<'network.get'>['certificates'] = [
    {
      id: '5f'.repeat(32),
      subject: 'CN=Acme Corporate Root CA, O=Acme Corporation',
      issuer: 'CN=Acme Corporate Root CA, O=Acme Corporation',
      validFrom: sample.at(400 * DAY),
      validTo: sample.at(-900 * DAY),
      isExpired: false,
      addedAt: sample.at(30 * DAY),
    },
    {
      id: '7a'.repeat(32),
      subject: 'CN=Acme Old Root CA, O=Acme Corporation',
      issuer: 'CN=Acme Old Root CA, O=Acme Corporation',
      validFrom: sample.at(4000 * DAY),
      validTo: sample.at(2 * DAY),
      isExpired: true,
      addedAt: sample.at(300 * DAY),
    },
  ];
  let backups: CallOutput<'backups.list'>['backups'] = [1, 5, 26, 50].map((hours, index) => ({
    id: `config-20261120T10000000${index}Z-ab${index}d.db`,
    madeAt: sample.at(hours),
    sizeBytes: 184_320 + index * 4096,
  }));
  return {
    'app.dismissNotice': ({ id }) => {
      ports.dismiss(id);
      return {};
    },
    'app.showProfile': () => ({}),
    'tenants.removalImpact': () => ({
      connections: 14,
      jobs: 31,
      runningJobs: 1,
      executions: 4812,
      oauthApps: 2,
      toRevoke: 11,
    }),
    'vault.forgottenImpact': () => ({
      connections: [
        { tenantName: 'Acme Corporation', name: 'Salesforce Production' },
        { tenantName: 'Acme Corporation', name: 'Zendesk Support' },
        { tenantName: 'Acme Corporation', name: 'Usage files' },
      ],
      oauthApps: [{ tenantName: 'Acme Corporation', name: 'Salesforce' }],
    }),
    'vault.replaceForgottenPassphrase': () => ports.setVault({ ...ports.status(), state: 'unlocked' }),
    'network.get': () => ({ certificates }),
    'network.addCertificates': () => ({ status: 'cancelled', added: 0, refused: [], certificates }),
    'network.removeCertificate': ({ id }) => {
      certificates = certificates.filter((one) => one.id !== id);
      return { certificates };
    },
    'network.test': ({ url }) =>
      url.includes('inspected')
        ? {
            proxy: 'proxy.acme.com:8080',
            passed: false,
            seen: `${url} could not be used: its certificate is from an unknown authority (UNABLE_TO_GET_ISSUER_CERT).`,
            advice: 'If your company inspects traffic, add the certificate of its authority above.',
            durationMs: 212,
          }
        : {
            proxy: 'proxy.acme.com:8080',
            passed: true,
            seen: `${url} answered with HTTP 200.`,
            advice: '',
            durationMs: 184,
          },
    'backups.list': () => ({ backups }),
    'backups.make': () => {
      backups = [{ id: 'config-20261124T100000000Z-new0.db', madeAt: sample.at(0), sizeBytes: 184_320 }, ...backups];
      return { backups };
    },
    'backups.restore': () => ({}),
    'transfer.export': ({ ids, passphrase }) => ({
      status: 'saved',
      fileName: 'Patchbay connections 2026-11-24.json',
      connections: ids.length,
      jobs: ids.length * 2,
      withKeys: passphrase === undefined ? 0 : 1,
    }),
    'transfer.open': () => ({ preview }),
    'transfer.import': ({ choices, passphrase }) => {
      if (passphrase === 'wrong passphrase')
        throw new AppError('wrong_passphrase', 'This passphrase does not open the keys of this file.', {
          field: 'passphrase',
        });
      return {
        results: choices.map(({ index, name }) => ({
          index,
          name,
          status: index === 2 ? 'refused' : passphrase !== undefined && index === 1 ? 'authorized' : 'created',
          connectionId: null,
          jobs: 2,
          notes: index === 2 ? ['The tenant may have one CRM connection.'] : [],
        })),
      };
    },
  };
}

const preview: CallOutput<'transfer.open'>['preview'] = {
  importId: 'import0001',
  fileName: 'connections of acme.json',
  exportedAt: sample.at(20),
  tenantName: 'Acme Sandbox',
  hasKeys: true,
  entries: [
    {
      index: 0,
      name: 'Zendesk Support',
      connectorName: 'Zendesk',
      hosts: [],
      jobs: ['Tickets_Zendesk Support', 'Organizations_Zendesk Support'],
      verdict: 'nameTaken',
      reason: 'A connection of this name is there already. It stays as it is.',
      suggestedName: 'Zendesk Support (imported)',
      notes: [],
    },
    {
      index: 1,
      name: 'Usage files EU',
      connectorName: 'Amazon S3',
      hosts: ['https://s3.internal.acme.com'],
      jobs: ['Usage events'],
      verdict: 'new',
      reason: '',
      suggestedName: 'Usage files EU',
      notes: [
        'It may reach private network addresses.',
        'Jobs that deliver to "Gainsight Production" deliver to the local cache: it is not here.',
      ],
    },
    {
      index: 2,
      name: 'Salesforce Sandbox',
      connectorName: 'Salesforce',
      hosts: [],
      jobs: ['User Sync_Salesforce Sandbox'],
      verdict: 'overLimit',
      reason:
        'Acme Corporation may have 1 CRM connection; "Salesforce Production" holds the slot. Gainsight support can raise the limit; it is then changed in Settings.',
      suggestedName: 'Salesforce Sandbox',
      notes: [],
    },
    {
      index: 3,
      name: 'Ledger',
      connectorName: 'Ledger Cloud',
      hosts: [],
      jobs: [],
      verdict: 'unknownConnector',
      reason: 'This version of Patchbay does not know this connector.',
      suggestedName: 'Ledger',
      notes: [],
    },
  ],
};
