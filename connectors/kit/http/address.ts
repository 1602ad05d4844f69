/** What an IP address is allowed to be. Judged on the address that is connected to, not on a name. */
import ipaddr from 'ipaddr.js';

export type AddressClass =
  /** Reachable for everybody. */
  | 'public'
  /** Loopback, private, unique-local, carrier-grade: only for connections that allow it. */
  | 'private'
  /** Link-local with the cloud metadata services, multicast, unspecified, reserved, tunnels: for nobody. */
  | 'never';

const PRIVATE_RANGES: ReadonlySet<string> = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']);
// Metadata services outside link-local: AWS over IPv6 (docs.aws.amazon.com, instance metadata), Alibaba and Oracle inside
// otherwise private ranges. 169.254.0.0/16 is link-local and thereby refused as a whole.
const METADATA: ReadonlySet<string> = new Set(['fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '192.0.0.192']);

/** @param address textual IPv4 or IPv6 address, without brackets, a zone id allowed; anything else counts as "never" */
export function classifyAddress(address: string): AddressClass {
  const plain = address.replace(/^\[|\]$/g, '').split('%')[0] ?? '';
  if (!ipaddr.isValid(plain)) return 'never';
  const parsed = ipaddr.process(plain);
  if (METADATA.has(parsed.toString())) return 'never';
  const range: string = parsed.range();
  if (range === 'unicast') return 'public';
  if (PRIVATE_RANGES.has(range)) return 'private';
  return range === 'rfc6052' ? classifyAddress(embeddedIpv4(parsed.toByteArray())) : 'never';
}

/** NAT64 (64:ff9b::/96) carries the real IPv4 address in its last four bytes. */
function embeddedIpv4(bytes: readonly number[]): string {
  return bytes.slice(12).join('.');
}

export function mayConnect(address: string, allowPrivate: boolean, isPlainHttp: boolean): boolean {
  const kind = classifyAddress(address);
  if (kind === 'private') return allowPrivate;
  return kind === 'public' && !isPlainHttp;
}
