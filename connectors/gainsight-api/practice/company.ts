/** Customers of Acme that its Gainsight tenant already knows. */
import { acmeCustomer } from '../../kit/practice/index.ts';
import type { Row } from './checks.ts';
import { STAGES } from './definitions.ts';

const DAY_MS = 86_400_000;

/** As inserted, with times as stored. */
export function company(index: number): Row {
  const { name, salesforceId, domain, industry } = acmeCustomer(index);
  const isLost = index % 9 === 8;
  const startMs = Date.UTC(2021 + (index % 5), index % 12, 1 + (index % 28));
  return {
    Name: name,
    SFDC_Account_ID__gc: salesforceId,
    Website__gc: `https://${domain}`,
    Industry: industry,
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
