/** Customers of Acme that its Gainsight tenant already knows; the other systems of the practice tenant have the same ones. */
import type { Row } from './checks.ts';
import { STAGES } from './definitions.ts';

const FIRST = [
  'Northwind',
  'Blue Harbor',
  'Cedar',
  'Delta',
  'Evergreen',
  'Foxglove',
  'Granite',
  'Helios',
  'Ironwood',
  'Juniper',
  'Keystone',
  'Lumen',
];
const SECOND = [
  'Logistics',
  'Health',
  'Foods',
  'Software',
  'Energy',
  'Retail',
  'Robotics',
  'Media',
  'Insurance',
  'Travel',
];

const DAY_MS = 86_400_000;

export function companyName(index: number): string {
  const first = FIRST[index % FIRST.length] ?? '';
  const second = SECOND[Math.floor(index / FIRST.length) % SECOND.length] ?? '';
  const round = Math.floor(index / (FIRST.length * SECOND.length));
  return round === 0 ? `${first} ${second}` : `${first} ${second} ${round + 1}`;
}

/** As inserted, with times as stored. */
export function company(index: number): Row {
  const isLost = index % 9 === 8;
  const startMs = Date.UTC(2021 + (index % 5), index % 12, 1 + (index % 28));
  return {
    Name: companyName(index),
    SFDC_Account_ID__gc: `001PB00000${String(index + 1).padStart(5, '0')}AAA`,
    Industry: SECOND[Math.floor(index / FIRST.length) % SECOND.length],
    Employees: 20 + ((index * 137) % 9000),
    ARR: 12_000 + ((index * 3571) % 480_000),
    Users: 5 + ((index * 53) % 700),
    Status: isLost ? 'Churn' : 'Active',
    Stage: isLost ? 'Churn' : STAGES[index % 4],
    OriginalContractDate: startMs,
    RenewalDate: startMs + 365 * DAY_MS * 6,
    Owner_Email__gc: index % 2 === 0 ? 'dana@acme.example' : 'lee@acme.example',
    Is_Reference__gc: index % 7 === 0,
  };
}

export const gsusers = (people: readonly { readonly name: string; readonly email: string }[]): Row[] =>
  people.map(({ name, email }) => ({ Name: name, Email: email, IsActiveUser: true }));
