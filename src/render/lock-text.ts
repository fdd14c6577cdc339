/** How long a change has had its host, and until when it has it if nobody says anything more. */
import { type Change, type HostLock, hostHeld } from '#domain/change.ts';
import { fill } from './words.ts';

const MINUTE_MS = 60_000;

/** The host may be another one than the change is for. */
export function lockText(
  change: Pick<Change, 'host' | 'state' | 'gates'>,
  { token, since, until }: HostLock,
  now: Date,
  template: string,
): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - since.getTime()) / MINUTE_MS));
  const left = Math.max(0, Math.ceil((until.getTime() - now.getTime()) / MINUTE_MS));
  return fill(template, { host: hostHeld(change) ?? change.host, token, minutes, left });
}
