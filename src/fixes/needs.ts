/** Which sysctls make another one safe: a plan that writes both keeps both when somebody approves less of it. */
import { PORT_RANGE, RESERVED_PORTS } from '#domain/allowed-sysctls.ts';

const KEEPALIVE = ['time', 'intvl', 'probes'].map((name) => `net.ipv4.tcp_keepalive_${name}`);

const NEEDS: ReadonlyMap<string, readonly string[]> = new Map([
  // Listeners in the new part of the range are taken by connect() unless they are reserved.
  [PORT_RANGE, [RESERVED_PORTS]],
  // How long a lost peer has until its connection is cut is made of all three.
  ...KEEPALIVE.map((key) => [key, KEEPALIVE] as const),
]);

/** Of the other keys of a plan, those that this one must not be written without. */
export function needsOf(key: string, planned: readonly string[]): readonly string[] {
  return (NEEDS.get(key) ?? []).filter((other) => other !== key && planned.includes(other));
}
