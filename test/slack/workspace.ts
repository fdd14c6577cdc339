/** What the local Slack knows: people, channels, messages, views. Everything that changes tells those who watch. */
import { EventEmitter } from 'node:events';
import type { Block, Channel, Message, Person, Snapshot } from './snapshot.ts';
import type { View } from './validate-view.ts';

export const TEAM = 'T0LOCAL';
export const OTHER_TEAM = 'T0OTHER';
export const BOT = { user: 'U0TCPBOT', bot: 'B0TCPBOT', app: 'A0TCPAPP', name: 'tcp-oncall' } as const;

const PEOPLE: readonly Person[] = [
  { id: 'U0ALICE', name: 'alice', locale: 'en-US', kind: 'member' },
  { id: 'U0BOB', name: 'bob', locale: 'en-US', kind: 'member' },
  { id: 'U0YUKI', name: 'yuki', locale: 'ja-JP', kind: 'member' },
  { id: 'U0GUEST', name: 'gus', locale: 'en-US', kind: 'guest' },
  { id: 'U0OTHER', name: 'olga', locale: 'en-US', kind: 'other-organisation' },
  { id: 'U0GONE', name: 'gwen', locale: 'en-US', kind: 'deactivated' },
  { id: 'U0ROBOT', name: 'robot', locale: 'en-US', kind: 'bot' },
];

const EVERYBODY = PEOPLE.map(({ id }) => id);

const CHANNELS: readonly Channel[] = [
  {
    id: 'C0ONCALL',
    name: 'oncall',
    isPrivate: false,
    members: [...EVERYBODY, BOT.user],
    topic: 'Who is on call, and what is on fire',
  },
  { id: 'C0RANDOM', name: 'random', isPrivate: false, members: EVERYBODY, topic: '' },
  { id: 'C0INCIDENT', name: 'incident-42', isPrivate: true, members: ['U0ALICE', 'U0BOB'], topic: 'Checkout is down' },
];

/** What the app and one person say to each other; a message to a user's id goes there. */
export function directChannel(person: Person): Channel {
  return { id: `D0${person.id}`, name: BOT.name, isPrivate: true, members: [person.id, BOT.user], topic: '' };
}

const SHORTCUTS: Snapshot['shortcuts'] = [
  { type: 'global', callbackId: 'check-host', name: 'Check a host' },
  { type: 'message', callbackId: 'check-host-of-message', name: 'Check this host' },
];
const COMMANDS: Snapshot['commands'] = [
  {
    command: '/tcp',
    description: 'What is wrong with TCP on a host',
    usageHint: 'check web-01 | fix web-01 | explain | hosts | status | cancel | help',
  },
];

export interface OpenView {
  readonly id: string;
  readonly hash: string;
  readonly view: View;
  readonly errors: Readonly<Record<string, string>>;
}

export type NewMessage = Pick<Message, 'channel' | 'user' | 'text' | 'blocks'> &
  Partial<Pick<Message, 'thread' | 'broadcast' | 'onlyFor' | 'files' | 'pings'>>;

export type Workspace = ReturnType<typeof createWorkspace>;

export function createWorkspace(isConnected: () => boolean) {
  const people = [...PEOPLE];
  const messages = new Map<string, Message>();
  /** By user; the last is on top. */
  const modals = new Map<string, OpenView[]>();
  const homes = new Map<string, readonly Block[]>();
  const changes = new EventEmitter().setMaxListeners(0);
  let revision = 0;
  let lastTs = 0;
  let drawn: Snapshot | undefined;

  function changed(): void {
    revision++;
    drawn = undefined;
    changes.emit('change', revision);
  }

  /** Unique and growing, as Slack's are: microseconds. */
  function newTs(): string {
    lastTs = Math.max(Date.now() * 1000, lastTs + 1);
    return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, '0')}`;
  }

  function draw(): Snapshot {
    const used = new Set([...messages.values()].map(({ channel }) => channel));
    const open = [...modals].flatMap(([user, stack]) => stack.slice(-1).map((top) => [user, modalOf(top)] as const));
    return {
      workspace: { name: 'Lab', team: TEAM },
      bot: { user: BOT.user, name: BOT.name },
      people,
      channels: [...CHANNELS, ...PEOPLE.map(directChannel).filter(({ id }) => used.has(id))],
      messages: [...messages.values()],
      modals: Object.fromEntries(open),
      homes: Object.fromEntries([...homes].map(([user, blocks]) => [user, { blocks }])),
      shortcuts: SHORTCUTS,
      commands: COMMANDS,
      connected: isConnected(),
    };
  }

  return {
    people,
    channels: [...CHANNELS, ...PEOPLE.map(directChannel)],
    modals,
    changed,
    newTs,
    revision: () => revision,
    onChange(listener: (revision: number) => void): () => void {
      changes.on('change', listener);
      return () => changes.off('change', listener);
    },
    snapshot(): Snapshot {
      drawn ??= draw();
      return drawn;
    },
    /** Somebody is made a guest, deactivated, taken back. */
    becomes(user: string, kind: Person['kind']): void {
      const index = people.findIndex(({ id }) => id === user);
      const person = people[index];
      if (person === undefined) return;
      people[index] = { ...person, kind };
      changed();
    },
    message: (channel: string, ts: string) => messages.get(`${channel} ${ts}`),
    post(message: NewMessage): Message {
      const posted = {
        thread: null,
        broadcast: false,
        onlyFor: null,
        files: [],
        edited: false,
        reactions: [],
        pings: [],
        ...message,
        ts: newTs(),
      };
      messages.set(`${posted.channel} ${posted.ts}`, posted);
      changed();
      return posted;
    },
    replace(message: Message): void {
      messages.set(`${message.channel} ${message.ts}`, message);
      changed();
    },
    remove(channel: string, ts: string): boolean {
      const removed = messages.delete(`${channel} ${ts}`);
      if (removed) changed();
      return removed;
    },
    /** For loads of thousands of messages, which nobody looks at. */
    forgetMessages(): void {
      messages.clear();
      changed();
    },
    publishHome(user: string, blocks: readonly Block[]): void {
      homes.set(user, blocks);
      changed();
    },
  };
}

function modalOf({ id, view, errors }: OpenView): Snapshot['modals'][string] {
  const { title, submit, close, blocks } = view;
  return { id, title: title?.text ?? '', submit: submit?.text ?? null, close: close?.text ?? null, blocks, errors };
}
