/** `npm run demo -- --story`: the whole story without a browser. People type and press; what they read is printed. */
import type { Act, Message, Snapshot } from '#local-slack/snapshot.ts';
import { changeCards, fixButton } from '../bot/change-people.ts';
import { cardsOf } from '../bot/seen.ts';
import type { Scene } from './scene.ts';
import { transcribe } from './transcript.ts';

const ONCALL = 'C0ONCALL';
const [ALICE, BOB, YUKI] = ['U0ALICE', 'U0BOB', 'U0YUKI'];
const WITHIN_MS = 30_000;
/** A trial of a minute, and what the bot takes to hear of its end. */
const TRIAL_WITHIN_MS = 90_000;

interface Step {
  readonly who: string;
  readonly act?: (snapshot: Snapshot) => Act;
  /** What the person does, as the transcript says it. */
  readonly does: string;
  /** The story goes on when this holds; `news` are messages that came or changed since. */
  readonly until: (news: readonly Message[], snapshot: Snapshot) => boolean;
  readonly withinMs?: number;
}

const STEPS: readonly Step[] = [
  type(
    BOB,
    'checkout fails since 03:04: EADDRNOTAVAIL towards the database. @alice can you look at web-01?',
    () => true,
  ),
  type(ALICE, '/tcp check web-1', (news) => says(news, 'web-01')),
  type(ALICE, '/tcp check web-01', isVerdictOf('web-01')),
  type(ALICE, '/tcp explain ephemeral-port-exhaustion-per-destination', (news) => says(news, 'EADDRNOTAVAIL')),
  ...proposes(ALICE, 'web-01', 'reuse-time-wait-ports', { reason: 'checkout fails', minutes: '10' }),
  presses(ALICE, 'change:approve', 'Approve', (news) => says(news, 'other than the requester must approve')),
  presses(BOB, 'change:approve', 'Approve', (news) => says(news, 'web-01: cured')),
  presses(BOB, 'change:keep', 'Keep', (news) => says(news, 'survive a reboot')),
  type(ALICE, '/tcp check web-01', isVerdictOf('web-01')),
  type(BOB, '/tcp check api-01 for 10s', (news) => says(news, 'api-01')),
  type(YUKI, '/tcp status', (news) => says(news, 'api-01')),
  type(YUKI, '/tcp check cache-01', isVerdictOf('cache-01')),
  type(ALICE, '/tcp check db-01', isVerdictOf('db-01')),
  type(ALICE, '/tcp check nat-01', isVerdictOf('nat-01')),
  ...proposes(ALICE, 'nat-01', 'enable-syncookies', { reason: 'not for long', minutes: '1' }),
  presses(BOB, 'change:approve', 'Approve', (news) => says(news, 'nat-01: on trial')),
  {
    who: BOB,
    does: 'goes for a coffee: nobody keeps it',
    until: (news) => says(news, 'old values are back on nat-01'),
    withinMs: TRIAL_WITHIN_MS,
  },
];

/** 0 when every step came to what it should; 1 when one did not, which is said; 130 when interrupted. */
export async function playStory({ slack }: Scene, interrupted: Promise<void>): Promise<number> {
  let stop = false;
  void interrupted.then(() => {
    stop = true;
  });
  for (const step of STEPS) {
    if (stop) return 130;
    const before = new Map(slack.snapshot().messages.map((message) => [keyOf(message), JSON.stringify(message)]));
    const news = ({ messages }: Snapshot) =>
      messages.filter((message) => before.get(keyOf(message)) !== JSON.stringify(message));
    console.log(`\n> ${nameOf(step.who, slack.snapshot())} ${step.does}`);
    const acted = step.act && (await slack.act(step.who, step.act(slack.snapshot())));
    if (acted?.ok === false) {
      console.log(`  Slack says: ${acted.error}`);
      return 1;
    }
    const waited = slack
      .until((snapshot) => step.until(news(snapshot), snapshot), step.withinMs ?? WITHIN_MS)
      .catch((error: Error) => error);
    const seen = await Promise.race([waited, interrupted]);
    if (seen === undefined) return 130;
    if (seen instanceof Error) {
      console.log(`  This did not happen: ${seen.message}`);
      return 1;
    }
    for (const message of news(seen)) console.log(transcribe(message, seen));
  }
  return 0;
}

function type(who: string, text: string, until: Step['until']): Step {
  return { who, does: `types: ${text}`, act: () => ({ kind: 'type', channel: ONCALL, text }), until };
}

/** Presses Fix on the newest card of the host, and sends the form. */
function proposes(who: string, host: string, fix: string, said: Readonly<Record<string, string>>): readonly Step[] {
  const values = Object.fromEntries(Object.entries(said).map(([name, value]) => [name, { [name]: value }]));
  return [
    {
      who,
      does: `presses Fix on the card of ${host}: ${fix}`,
      act: (snapshot) => {
        const card = cardsOf(host, snapshot).findLast((each) => fixButton(each, fix) !== undefined);
        return press(card, fixButton(card, fix));
      },
      until: (_, { modals }) => modals[who] !== undefined,
    },
    {
      who,
      does: `asks for approval: ${said['reason']}, undo by itself after ${said['minutes']} min`,
      act: () => ({ kind: 'submit', values }),
      until: (news) => news.some((message) => changeCards({ messages: [message] }).length > 0),
    },
  ];
}

/** On the newest change's card. */
function presses(who: string, action: string, button: string, until: Step['until']): Step {
  return { who, does: `presses ${button}`, act: (snapshot) => press(changeCards(snapshot).at(-1), action), until };
}

function press(message: Message | undefined, actionId: string | undefined): Act {
  if (message === undefined || actionId === undefined) throw new Error('There is no such button.');
  return { kind: 'press', at: { channel: message.channel, message: message.ts }, actionId };
}

function keyOf({ channel, ts }: Message): string {
  return `${channel} ${ts}`;
}

function nameOf(user: string, { people }: Snapshot): string {
  return people.find(({ id }) => id === user)?.name ?? user;
}

function says(news: readonly Message[], text: string): boolean {
  return news.some((message) => JSON.stringify([message.text, message.blocks]).includes(text));
}

/** The card shows its end, which the thread is told as well. */
function isVerdictOf(host: string): Step['until'] {
  return (news) => {
    const card = news.find((message) => message.thread === null && message.edited && says([message], host));
    return card !== undefined && news.some(({ thread }) => thread === card.ts);
  };
}
