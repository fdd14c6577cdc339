/** Addresses and ports as the kernel's tools print them, brought to one form. */
import { isIP } from 'node:net';

/** IPv6 in its shortest form (RFC 5952), IPv4-mapped IPv6 as IPv4, no brackets, no zone. Unknown forms stay as they are. */
export function canonicalAddress(text: string): string {
  const bare = bareAddress(text);
  const mapped = /^(?:::ffff:|0:0:0:0:0:ffff:)(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  if (!bare.includes(':')) return bare;
  return shortestIpv6(bare) ?? bare;
}

/** The same, and undefined for what is no address. */
export function knownAddress(text: string): string | undefined {
  const address = canonicalAddress(text);
  return isIP(address) === 0 ? undefined : address;
}

function bareAddress(text: string): string {
  const zone = text.indexOf('%');
  let [start, end] = [0, zone < 0 ? text.length : zone];
  while (text[start] === '[') start++;
  while (end > start && text[end - 1] === ']') end--;
  return text.slice(start, end);
}

function shortestIpv6(text: string): string | undefined {
  if (!URL.canParse(`http://[${text}]/`)) return undefined;
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

/** Splits `address:port` at the last colon, as old ss prints IPv6 without brackets. `*` stays `*`; any-address becomes `*`. */
export function splitEndpoint(text: string): { readonly address: string; readonly port: string } | undefined {
  const colon = text.lastIndexOf(':');
  if (colon < 1) return undefined;
  const address = canonicalAddress(text.slice(0, colon));
  const isAny = ['0.0.0.0', '::', '*', ''].includes(address);
  if (!isAny && isIP(address) === 0) return undefined;
  return { address: isAny ? '*' : address, port: text.slice(colon + 1) };
}

/** `0100007F:1F90` of /proc/net/tcp: hexadecimal, each 32-bit word in the host's byte order. */
export function fromProcNetTcp(
  text: string,
  littleEndian: boolean,
): { readonly address: string; readonly port: number } | undefined {
  const match = /^((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})$/i.exec(text);
  const [words, port] = [match?.[1], match?.[2]];
  if (words === undefined || port === undefined || (words.length !== 8 && words.length !== 32)) return undefined;
  const bytes = (words.match(/.{8}/g) ?? []).flatMap((word) => wordBytes(word, littleEndian));
  const address = bytes.length === 4 ? bytes.join('.') : canonicalAddress(hextets(bytes));
  return { address: ['0.0.0.0', '::'].includes(address) ? '*' : address, port: Number.parseInt(port, 16) };
}

function wordBytes(word: string, littleEndian: boolean): number[] {
  const bytes = (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
  return littleEndian ? bytes.reverse() : bytes;
}

function hextets(bytes: readonly number[]): string {
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return `::ffff:${bytes.slice(12).join('.')}`;
  const pairs = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0));
  return pairs.map((pair) => pair.toString(16)).join(':');
}
