/** The support account of Acme. Everything is made up from its number when it is asked for, so any count costs nothing. */
import { acmeCustomer, PRACTICE_USERS } from '../../kit/practice/index.ts';

export type ZendeskRecord = Record<string, unknown>;
export type ExportName = 'tickets' | 'users' | 'organizations';

const ORGANIZATIONS = 120;
const CONTACTS_PER_ORGANIZATION = 2;
const FIRST_TICKET = 10_000;
const FIRST_CONTACT = 902_000;
const FIRST_ORGANIZATION = 361_000;
const FIRST_AGENT = 901_000;

/** Staff by number; exports are for admins. */
const AGENTS = [
  { ...PRACTICE_USERS.dana, role: 'admin' },
  { ...PRACTICE_USERS.lee, role: 'admin' },
  { ...PRACTICE_USERS.robin, role: 'agent' },
];

export const PLAN_FIELD = 360_001;
export const SEATS_FIELD = 360_002;
export const ESCALATED_FIELD = 360_003;

const DAY_MS = 86_400_000;
/** Added tickets stand a second apart behind the last one, which is ten minutes old; exports hide the last minute. */
const MAX_ADDED = 500;
const SUBJECTS = [
  'Cannot log in after the update',
  'Invoice shows the wrong plan',
  'Export stops at 10,000 rows',
  'Question about single sign-on',
  'Dashboard loads slowly',
  'Please add three seats',
  'API answers 403',
  'Weekly report did not arrive',
];
const STATUSES = ['new', 'open', 'pending', 'hold', 'solved', 'closed'];
const PRIORITIES = ['low', 'normal', 'high', 'urgent', null];
const TYPES = ['question', 'incident', 'problem', 'task', null];
const CHANNELS = ['web', 'email', 'api', 'chat'];
const PLANS = ['plan_starter', 'plan_growth', 'plan_enterprise'];

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export class PracticeAccount {
  #tickets = 0;
  /** How many tickets there were at the beginning, over how long a time. */
  #seeded = 1;
  #stepMs = 1000;
  readonly #newestMs: number;
  readonly #suspended: (email: string) => boolean;

  /** @param suspended whether a member of staff is suspended now */
  constructor(tickets: number, nowMs: number, suspended: (email: string) => boolean) {
    this.#newestMs = Math.floor((nowMs - 600_000) / 1000) * 1000;
    this.#suspended = suspended;
    this.#seed(tickets);
  }

  /** A few more are new ones, which an incremental read finds; any other number begins a new history. */
  setTickets(count: number): void {
    const added = count - this.#seeded;
    if (added < 0 || added > MAX_ADDED) this.#seed(count);
    else this.#tickets = count;
  }

  #seed(count: number): void {
    this.#tickets = count;
    this.#seeded = Math.max(1, count);
    this.#stepMs = Math.max(1000, Math.floor(Math.min(DAY_MS / 8, (300 * DAY_MS) / this.#seeded) / 1000) * 1000);
  }

  count(name: ExportName): number {
    if (name === 'tickets') return this.#tickets;
    return name === 'organizations' ? ORGANIZATIONS : AGENTS.length + ORGANIZATIONS * CONTACTS_PER_ORGANIZATION;
  }

  /** When a record last changed, by which exports are sorted; rises with the number. Whole seconds, as milliseconds. */
  generatedMs(name: ExportName, index: number): number {
    // Tickets that were added later come a second apart behind those of the beginning.
    if (name === 'tickets') {
      const behind = index - (this.#seeded - 1);
      return this.#newestMs + (behind > 0 ? behind * 1000 : behind * this.#stepMs);
    }
    return this.#newestMs - (this.count(name) - index) * 3_600_000;
  }

  /** Number of the first record that changed at this time or later. */
  firstSince(name: ExportName, startMs: number): number {
    let low = 0;
    let high = this.count(name);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.generatedMs(name, middle) < startMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  record(name: ExportName, index: number): ZendeskRecord {
    if (name === 'tickets') return this.#ticket(index);
    return name === 'users' ? this.#user(index) : this.#organization(index);
  }

  #ticket(index: number): ZendeskRecord {
    const generatedMs = this.generatedMs('tickets', index);
    const organization = (index * 7) % ORGANIZATIONS;
    const customer = acmeCustomer(organization);
    const custom = [
      { id: PLAN_FIELD, value: PLANS[index % PLANS.length] },
      { id: SEATS_FIELD, value: 5 + ((index * 13) % 400) },
      { id: ESCALATED_FIELD, value: index % 11 === 0 },
    ];
    const isDeleted = index % 37 === 36;
    return {
      id: FIRST_TICKET + index,
      url: `https://practice.zendesk.example/api/v2/tickets/${FIRST_TICKET + index}.json`,
      external_id: null,
      via: { channel: CHANNELS[index % CHANNELS.length], source: { from: {}, to: {}, rel: null } },
      created_at: iso(generatedMs - ((index % 20) + 1) * 3_600_000),
      // A change by the system leaves updated_at behind.
      updated_at: iso(generatedMs - (index % 5 === 0 ? 7_200_000 : 0)),
      generated_timestamp: generatedMs / 1000,
      type: TYPES[index % TYPES.length],
      subject: SUBJECTS[index % SUBJECTS.length],
      raw_subject: SUBJECTS[index % SUBJECTS.length],
      description: `${SUBJECTS[index % SUBJECTS.length]}. Reported by ${customer.name}.`,
      priority: PRIORITIES[index % PRIORITIES.length],
      status: isDeleted ? 'deleted' : STATUSES[index % STATUSES.length],
      requester_id: FIRST_CONTACT + organization * CONTACTS_PER_ORGANIZATION + (index % CONTACTS_PER_ORGANIZATION),
      submitter_id: FIRST_AGENT + (index % AGENTS.length),
      assignee_id: index % 6 === 0 ? null : FIRST_AGENT + (index % AGENTS.length),
      organization_id: FIRST_ORGANIZATION + organization,
      group_id: 1 + (index % 2),
      brand_id: 71,
      ticket_form_id: 81,
      tags: index % 3 === 0 ? ['renewal', PLANS[index % PLANS.length]] : [PLANS[index % PLANS.length]],
      due_at: null,
      satisfaction_rating: { score: index % 4 === 0 ? 'good' : 'unoffered' },
      custom_fields: custom,
      fields: custom,
    };
  }

  #user(index: number): ZendeskRecord {
    const at = iso(this.generatedMs('users', index));
    const base = {
      time_zone: 'UTC',
      locale: 'en-US',
      phone: null,
      notes: null,
      external_id: null,
      tags: [],
      updated_at: at,
    };
    const agent = AGENTS[index];
    if (agent !== undefined) {
      const { name, email, role } = agent;
      return {
        ...base,
        id: FIRST_AGENT + index,
        name,
        email,
        role,
        active: true,
        suspended: this.#suspended(email),
        organization_id: null,
        created_at: at,
        user_fields: { region: 'emea' },
      };
    }
    const contact = index - AGENTS.length;
    const organization = Math.floor(contact / CONTACTS_PER_ORGANIZATION);
    const { domain, name } = acmeCustomer(organization);
    return {
      ...base,
      id: FIRST_CONTACT + contact,
      name: `${contact % 2 === 0 ? 'Admin' : 'Buyer'} of ${name}`,
      email: `${contact % 2 === 0 ? 'admin' : 'buyer'}@${domain}`,
      role: 'end-user',
      // A deleted user stays in the export.
      active: contact % 50 !== 49,
      suspended: false,
      organization_id: FIRST_ORGANIZATION + organization,
      created_at: at,
      user_fields: { region: contact % 3 === 0 ? 'amer' : 'emea' },
    };
  }

  #organization(index: number): ZendeskRecord {
    const { name, domain, salesforceId } = acmeCustomer(index);
    const at = iso(this.generatedMs('organizations', index));
    return {
      id: FIRST_ORGANIZATION + index,
      url: `https://practice.zendesk.example/api/v2/organizations/${FIRST_ORGANIZATION + index}.json`,
      name,
      external_id: salesforceId,
      domain_names: [domain],
      details: '',
      notes: '',
      group_id: null,
      shared_tickets: false,
      tags: [],
      organization_fields: { tier: index % 4 === 0 ? 'gold' : 'silver' },
      created_at: at,
      updated_at: at,
    };
  }

  /** The user a member of staff is, as users/me shows it. */
  staff(email: string): ZendeskRecord {
    return this.#user(AGENTS.findIndex((agent) => agent.email === email));
  }
}

const MADE = '2021-03-01T09:00:00Z';

export const BRANDS: readonly ZendeskRecord[] = [
  {
    id: 71,
    name: 'Acme',
    subdomain: 'acme',
    brand_url: 'https://acme.zendesk.example',
    active: true,
    default: true,
    created_at: MADE,
    updated_at: MADE,
  },
  {
    id: 72,
    name: 'Acme Labs',
    subdomain: 'acme-labs',
    brand_url: 'https://acme-labs.zendesk.example',
    active: true,
    default: false,
    created_at: MADE,
    updated_at: MADE,
  },
];

export const GROUPS: readonly ZendeskRecord[] = [
  {
    id: 1,
    name: 'Support',
    description: 'First line',
    default: true,
    deleted: false,
    created_at: MADE,
    updated_at: MADE,
  },
  {
    id: 2,
    name: 'Engineering',
    description: 'Second line',
    default: false,
    deleted: false,
    created_at: MADE,
    updated_at: MADE,
  },
];

export const TICKET_FIELDS: readonly ZendeskRecord[] = [
  { id: 1, type: 'subject', title: 'Subject', active: true, removable: false, system_field_options: [] },
  { id: 2, type: 'status', title: 'Status', active: true, removable: false },
  { id: PLAN_FIELD, type: 'tagger', title: 'Plan', active: true, removable: true },
  { id: SEATS_FIELD, type: 'integer', title: 'Seats', active: true, removable: true },
  { id: ESCALATED_FIELD, type: 'checkbox', title: 'Escalated', active: true, removable: true },
  { id: 360_009, type: 'text', title: 'Old reference', active: false, removable: true },
];
export const USER_FIELDS: readonly ZendeskRecord[] = [
  { id: 5001, key: 'region', type: 'dropdown', title: 'Region', active: true, system: false },
];
export const ORGANIZATION_FIELDS: readonly ZendeskRecord[] = [
  { id: 6001, key: 'tier', type: 'dropdown', title: 'Tier', active: true, system: false },
];
