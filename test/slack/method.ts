/** What a method of the Web API is given, and what it answers. */
import type { FileStore } from './file-store.ts';
import type { ShortLived } from './short-lived.ts';
import type { Channel } from './snapshot.ts';
import { BOT, type Workspace } from './workspace.ts';

export type Args = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly ok: boolean;
  readonly error?: string;
  readonly [field: string]: unknown;
}

export interface MethodWorld {
  readonly workspace: Workspace;
  readonly shortLived: ShortLived;
  readonly files: FileStore;
  /** http://127.0.0.1:PORT */
  readonly base: () => string;
  readonly openSocket: () => string | undefined;
}

export type Method = (args: Args, world: MethodWorld) => Answer;

export function refuse(error: string, messages: readonly string[] = []): Answer {
  return { ok: false, error, ...(messages.length > 0 && { response_metadata: { messages }, errors: messages }) };
}

/** A channel the bot may write to. */
export function writableChannel(
  name: unknown,
  { workspace }: MethodWorld,
): Channel | 'channel_not_found' | 'not_in_channel' {
  const channel = workspace.channels.find(({ id }) => id === name || id === `D0${name}`);
  if (channel === undefined) return 'channel_not_found';
  // chat:write.public lets it into public channels; private ones it does not see.
  return channel.isPrivate && !channel.members.includes(BOT.user) ? 'channel_not_found' : channel;
}

/** A channel the bot is in: being let into public channels is enough for messages, and not for files or private words. */
export function ownChannel(name: unknown, world: MethodWorld): Channel | 'channel_not_found' | 'not_in_channel' {
  const channel = writableChannel(name, world);
  if (typeof channel === 'string') return channel;
  return channel.members.includes(BOT.user) ? channel : 'not_in_channel';
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
