/** What is done over a leased connection, or why there was none. */
import type { ConnectionFailure, OtherHostKey } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import type { Connection } from './connection.ts';
import type { Stop, StopReason } from './stop.ts';

export interface NotConnected {
  readonly kind: 'not-connected';
  readonly end: ConnectionFailure | OtherHostKey | { readonly kind: StopReason };
}

/** `wanted` is the only key that the host may show; undefined = each that is known for it. */
export type OverConnection = <T>(
  host: Host,
  wanted: string | undefined,
  stop: Stop,
  use: (connection: Connection) => Promise<T>,
) => Promise<T | NotConnected>;

export function notConnected(end: NotConnected['end']): NotConnected {
  return { kind: 'not-connected', end };
}
