/** Whether live connections to the busiest destinations negotiated TCP timestamps: ss -tino, a few sockets for each. */
import type { Source } from '#domain/evidence.ts';
import { type Reading, read } from '#domain/reading.ts';
import { splitEndpoint } from './address.ts';
import { sentText } from './fragment.ts';
import { counts, eachLine, portNumber } from './lines.ts';

export interface PeerTimestamps {
  readonly destinations: readonly {
    readonly destination: string;
    readonly port: number;
    /** Established sockets looked at. */
    readonly sockets: number;
    readonly withTimestamps: number;
  }[];
}

export const peerTimestamps: Source<PeerTimestamps> = {
  name: 'peer-timestamps',
  cadence: 'first',
  probe: { script: sentText('src/evidence/peer-timestamps.sh') },
  parse: parsePeerTimestamps,
};

/** The fragment asks for three; every outgoing destination is looked up in the list. */
const MOST = 50;

/** `peer ADDRESS:PORT SOCKETS WITH_TIMESTAMPS`; an IPv4-mapped destination is the same as its IPv4 address. */
export function parsePeerTimestamps(text: string): Reading<PeerTimestamps> {
  const destinations = new Map<string, PeerTimestamps['destinations'][number]>();
  const trouble = eachLine(text, ([kind, peer = '', ...words]) => {
    const endpoint = splitEndpoint(peer);
    const [port, looked] = [portNumber(endpoint?.port), counts(words, 2)];
    const [sockets = 0, withTimestamps = 0] = looked ?? [];
    if (kind !== 'peer' || endpoint === undefined || port === undefined || looked === undefined) return false;
    if (withTimestamps > sockets) return false;
    const key = `${endpoint.address} ${port}`;
    const before = destinations.get(key) ?? { sockets: 0, withTimestamps: 0 };
    if (destinations.size >= MOST && !destinations.has(key)) return 'too-long';
    destinations.set(key, {
      destination: endpoint.address,
      port,
      sockets: before.sockets + sockets,
      withTimestamps: before.withTimestamps + withTimestamps,
    });
    return true;
  });
  return trouble ?? read({ destinations: [...destinations.values()] });
}
