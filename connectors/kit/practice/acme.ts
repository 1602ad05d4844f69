/**
 * The customers of Acme, the company of the practice tenant. Every practice system that knows customers knows these, by
 * the same names and ids, so that a record can be followed from one system to the next.
 */
export interface AcmeCustomer {
  readonly name: string;
  /** 18 characters, as Salesforce gives them. */
  readonly salesforceId: string;
  readonly domain: string;
  readonly industry: string;
}

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

/** The customer at a place of the list, which has no end; the same at every call. */
export function acmeCustomer(index: number): AcmeCustomer {
  const first = FIRST[index % FIRST.length] ?? '';
  const second = SECOND[Math.floor(index / FIRST.length) % SECOND.length] ?? '';
  const round = Math.floor(index / (FIRST.length * SECOND.length));
  const name = round === 0 ? `${first} ${second}` : `${first} ${second} ${round + 1}`;
  return {
    name,
    // The last three are the checksum of the capitals in the first fifteen.
    salesforceId: `001PB${String(index + 1).padStart(10, '0')}YAA`,
    domain: `${name.toLowerCase().replaceAll(' ', '-')}.example`,
    industry: second,
  };
}
