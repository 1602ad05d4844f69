/** The Salesforce org of the practice tenant: a sales org "Acme" with its customers, made from numbers, any size. */
import { acmeCustomer, PRACTICE_USERS } from '../../kit/practice/index.ts';

export type Value = string | number | boolean | null;

export interface OrgField {
  readonly name: string;
  readonly label: string;
  /** As describe says it. */
  readonly type: string;
  readonly nillable: boolean;
  value(index: number): Value;
  /** For references: what the relationship is called, and which record it leads to. */
  readonly reference?:
    | { readonly relationship: string; readonly object: string; index(index: number): number }
    | undefined;
}

export interface OrgObject {
  readonly name: string;
  readonly label: string;
  readonly keyPrefix: string;
  /** Number of records, from the number of accounts. */
  size(accounts: number): number;
  readonly fields: readonly OrgField[];
}

export const ORG_ID = '00DPB0000000001EAA';
export const ORG_NAME = 'Acme (Practice)';

const GIVEN = [
  'Ana',
  'Bruno',
  'Chidi',
  'Dara',
  'Elif',
  'Farid',
  'Greta',
  'Hana',
  'Ivo',
  'Jin',
  'Kofi',
  'Lena',
  'Mateo',
  'Nadia',
  'Oskar',
  'Priya',
  'Quinn',
  'Rosa',
  'Søren',
  'Tala',
];
const FAMILY = [
  'Abbott',
  'Bauer',
  'Costa',
  'Dubois',
  'Eriksen',
  'Ferrari',
  'García',
  'Hoang',
  'Ito',
  'Jansen',
  'Kowalski',
  'Lopes',
  'Müller',
  'Novak',
  'O’Brien',
  'Petrov',
  'Rossi',
];
const PLACES = [
  ['Austin', 'United States'],
  ['Köln', 'Germany'],
  ['Lyon', 'France'],
  ['Leeds', 'United Kingdom'],
  ['Toronto', 'Canada'],
  ['Osaka', 'Japan'],
  ['Porto', 'Portugal'],
] as const;
const TITLES = [
  'Head of Operations',
  'IT Director',
  'Customer Success Lead',
  'Buyer',
  'Chief Financial Officer',
  'Product Owner',
];
const TYPES = ['Customer', 'Customer', 'Prospect', 'Partner'];
const STAGES = ['Qualification', 'Proposal', 'Negotiation', 'Closed Won', 'Closed Lost'];

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

/** 18 characters, as in acmeCustomer; the text order of ids is the order of the numbers. */
function idOf(keyPrefix: string, index: number): string {
  return `${keyPrefix}PB${String(index + 1).padStart(10, '0')}YAA`;
}

/** Later records were changed later, so that a growing org has something new for an incremental read. */
const FIRST_STAMP_MS = Date.UTC(2024, 0, 2, 8);
function stamp(index: number, offsetMs = 0): string {
  return `${new Date(FIRST_STAMP_MS + index * 41_000 - offsetMs).toISOString().slice(0, -1)}+0000`;
}

const companyName = (index: number): string => acmeCustomer(index).name;

const field = (
  name: string,
  label: string,
  type: string,
  value: (index: number) => Value,
  nillable = true,
): OrgField => ({ name, label, type, nillable, value });

const standard = (keyPrefix: string): OrgField[] => [
  field('Id', 'Record ID', 'id', (index) => idOf(keyPrefix, index), false),
  field('IsDeleted', 'Deleted', 'boolean', () => false, false),
  field('CreatedDate', 'Created Date', 'datetime', (index) => stamp(index, 86_400_000), false),
  field('LastModifiedDate', 'Last Modified Date', 'datetime', (index) => stamp(index), false),
  field('SystemModstamp', 'System Modstamp', 'datetime', (index) => stamp(index), false),
];

const reference = (
  name: string,
  label: string,
  relationship: string,
  object: string,
  keyPrefix: string,
  index: (index: number) => number,
): OrgField => ({
  ...field(name, label, 'reference', (own) => idOf(keyPrefix, index(own))),
  reference: { relationship, object, index },
});

const PEOPLE = Object.values(PRACTICE_USERS);
export const USER_COUNT = 48;
const owner = reference('OwnerId', 'Owner ID', 'Owner', 'User', '005', (index) => index % USER_COUNT);

function person(index: number): { first: string; last: string } {
  return { first: pick(GIVEN, index), last: pick(FAMILY, Math.floor(index / GIVEN.length) + index) };
}

function ascii(text: string): string {
  return text.normalize('NFD').replace(/[^\w]/g, '').toLowerCase();
}

const ACCOUNT: OrgObject = {
  name: 'Account',
  label: 'Account',
  keyPrefix: '001',
  size: (accounts) => accounts,
  fields: [
    ...standard('001'),
    field('Name', 'Account Name', 'string', companyName, false),
    field('Type', 'Account Type', 'picklist', (index) => pick(TYPES, index)),
    field('Industry', 'Industry', 'picklist', (index) => acmeCustomer(index).industry),
    field('NumberOfEmployees', 'Employees', 'int', (index) => 20 + ((index * 137) % 9000)),
    field('AnnualRevenue', 'Annual Revenue', 'currency', (index) =>
      index % 13 === 12 ? null : 250_000 + ((index * 35_711) % 48_000_000),
    ),
    field('BillingStreet', 'Billing Street', 'textarea', (index) => `${1 + (index % 240)} Station Road`),
    field('BillingCity', 'Billing City', 'string', (index) => pick(PLACES, index)[0]),
    field('BillingPostalCode', 'Billing Zip/Postal Code', 'string', (index) =>
      String((index * 7919) % 100_000).padStart(5, '0'),
    ),
    field('BillingCountry', 'Billing Country', 'string', (index) => pick(PLACES, index)[1]),
    field('Phone', 'Account Phone', 'phone', (index) => `+1 512 555 ${String(index % 10_000).padStart(4, '0')}`),
    field('Website', 'Website', 'url', (index) => `https://www.${acmeCustomer(index).domain}`),
    field('AccountSource', 'Account Source', 'picklist', (index) =>
      pick(['Web', 'Partner Referral', 'Trade Show', null], index),
    ),
    field('Description', 'Account Description', 'textarea', (index) =>
      index % 5 === 0
        ? null
        : `Customer of Acme since ${2015 + (index % 10)}; renewal handled by team ${1 + (index % 6)}.`,
    ),
    field('Is_Reference__c', 'Is Reference', 'boolean', (index) => index % 7 === 0, false),
    owner,
  ],
};

const CONTACT: OrgObject = {
  name: 'Contact',
  label: 'Contact',
  keyPrefix: '003',
  size: (accounts) => accounts * 2,
  fields: [
    ...standard('003'),
    reference('AccountId', 'Account ID', 'Account', 'Account', '001', (index) => Math.floor(index / 2)),
    field('FirstName', 'First Name', 'string', (index) => person(index).first),
    field('LastName', 'Last Name', 'string', (index) => person(index).last, false),
    field('Name', 'Full Name', 'string', (index) => `${person(index).first} ${person(index).last}`, false),
    field(
      'Email',
      'Email',
      'email',
      (index) =>
        `${ascii(person(index).first)}.${ascii(person(index).last)}.${index}@${acmeCustomer(Math.floor(index / 2)).domain}`,
    ),
    field('Title', 'Title', 'string', (index) => pick(TITLES, index)),
    field('Department', 'Department', 'string', (index) => pick(['Operations', 'IT', 'Finance', null], index)),
    field('Phone', 'Business Phone', 'phone', (index) => `+1 512 556 ${String(index % 10_000).padStart(4, '0')}`),
    field('Birthdate', 'Birthdate', 'date', (index) =>
      index % 3 === 0 ? `19${60 + (index % 40)}-0${1 + (index % 9)}-1${index % 10}` : null,
    ),
    field('HasOptedOutOfEmail', 'Email Opt Out', 'boolean', (index) => index % 17 === 0, false),
    owner,
  ],
};

const USER: OrgObject = {
  name: 'User',
  label: 'User',
  keyPrefix: '005',
  size: () => USER_COUNT,
  fields: [
    ...standard('005'),
    field('Username', 'Username', 'string', (index) => PEOPLE[index]?.email ?? `user${index}@acme.example`, false),
    field(
      'Name',
      'Full Name',
      'string',
      (index) => PEOPLE[index]?.name ?? `${person(index).first} ${person(index).last}`,
      false,
    ),
    field('FirstName', 'First Name', 'string', (index) => PEOPLE[index]?.name.split(' ')[0] ?? person(index).first),
    field('LastName', 'Last Name', 'string', (index) => PEOPLE[index]?.name.split(' ')[1] ?? person(index).last, false),
    field('Email', 'Email', 'email', (index) => PEOPLE[index]?.email ?? `user${index}@acme.example`, false),
    field('Title', 'Title', 'string', (index) =>
      pick(['Account Executive', 'Customer Success Manager', 'Solutions Engineer'], index),
    ),
    field('IsActive', 'Active', 'boolean', (index) => index < PEOPLE.length || index % 11 !== 10, false),
    field(
      'TimeZoneSidKey',
      'Time Zone',
      'picklist',
      (index) => pick(['America/Chicago', 'Europe/Berlin', 'Asia/Tokyo'], index),
      false,
    ),
  ],
};

const OPPORTUNITY: OrgObject = {
  name: 'Opportunity',
  label: 'Opportunity',
  keyPrefix: '006',
  size: (accounts) => accounts,
  fields: [
    ...standard('006'),
    reference('AccountId', 'Account ID', 'Account', 'Account', '001', (index) => index),
    field('Name', 'Name', 'string', (index) => `${companyName(index)}: renewal ${2026 + (index % 3)}`, false),
    field('StageName', 'Stage', 'picklist', (index) => pick(STAGES, index), false),
    field('Amount', 'Amount', 'currency', (index) => 5_000 + ((index * 3571) % 240_000) + 0.5),
    field('Probability', 'Probability (%)', 'percent', (index) => pick([10, 50, 75, 100, 0], index)),
    field(
      'CloseDate',
      'Close Date',
      'date',
      (index) => new Date(Date.UTC(2026, index % 12, 1 + (index % 28))).toISOString().slice(0, 10),
      false,
    ),
    field('IsWon', 'Won', 'boolean', (index) => index % STAGES.length === 3, false),
    owner,
  ],
};

const ORGANIZATION: OrgObject = {
  name: 'Organization',
  label: 'Organization',
  keyPrefix: '00D',
  size: () => 1,
  fields: [
    field('Id', 'Organization ID', 'id', () => ORG_ID, false),
    field('Name', 'Name', 'string', () => ORG_NAME, false),
    field('IsSandbox', 'Is Sandbox', 'boolean', () => false, false),
  ],
};

export const ORG_OBJECTS: readonly OrgObject[] = [ACCOUNT, CONTACT, USER, OPPORTUNITY, ORGANIZATION];

/** The id of a practice person's User record. */
export function userIdOf(email: string): string {
  return idOf(
    '005',
    Math.max(
      0,
      PEOPLE.findIndex((one) => one.email === email),
    ),
  );
}

const extra = new Map<string, readonly OrgField[]>();

/** Fields with names as long as Salesforce allows them to be, each with a value that no other field of no other record has. */
export function extraFields(count: number, { name: object }: OrgObject): readonly OrgField[] {
  const known = extra.get(object);
  if (known !== undefined && known.length === count) return known;
  const fields = Array.from({ length: count }, (_, at) => {
    const number = String(at + 1).padStart(4, '0');
    return field(
      `A_field_whose_name_is_quite_long_${number}__c`,
      `Long ${number}`,
      'string',
      (index) => `${object} ${index} ${number}`,
    );
  });
  extra.set(object, fields);
  return fields;
}
