/** Where an address is valid, which tells whether a connection must pass a NAT. */

/** `public`: anywhere. `private`: only inside a site, so that a way out of it is through a NAT. `other`: this host or link, multicast. */
export type AddressScope = 'public' | 'private' | 'other';

/** RFC 1918, RFC 6598 (100.64/10) and RFC 4193 (fc00::/7) addresses are private. Takes canonical addresses. */
export function addressScope(address: string): AddressScope {
  const bytes = /^(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(address);
  if (bytes !== null) return ipv4Scope(Number(bytes[1]), Number(bytes[2]));
  if (/^f[cd][0-9a-f]{2}:/i.test(address)) return 'private';
  return /^[23][0-9a-f]{3}:/i.test(address) ? 'public' : 'other';
}

function ipv4Scope(first: number, second: number): AddressScope {
  if (first === 10 || (first === 192 && second === 168)) return 'private';
  if (first === 172 && second >= 16 && second < 32) return 'private';
  if (first === 100 && second >= 64 && second < 128) return 'private';
  const local = first === 0 || first === 127 || first >= 224 || (first === 169 && second === 254);
  return local ? 'other' : 'public';
}

/** Whether a connection between the two must be translated on its way: nobody outside can answer a private address. */
export function crossesNat(source: string, destination: string): boolean {
  return addressScope(source) === 'private' && addressScope(destination) === 'public';
}
