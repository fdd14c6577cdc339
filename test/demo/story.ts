/** `npm run demo -- --story`: the whole story without a browser. People type and press; what they read is printed. */
import type { Act, Message, Snapshot } from '#local-slack/snapshot.ts';
import type { Scene } from './scene.ts';
import { transcribe } from './transcript.ts';

const ONCALL = 'C0ONCALL';
const [ALICE, BOB, YUKI] = ['U0ALICE', 'U0BOB', 'U0YUKI'];
const WITHIN_MS = 30_000;

interface Step {
  readonly who: string;
  readonly act: (snapshot: Snapshot) => Act;
  /** What the person does, as the transcript says it. */
  readonly does: string;
  /** The story goes on when this holds; `news` are messages that came or changed since. */
  readonly until: (news: readonly Message[]) => boolean;
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
  type(BOB, '/tcp check api-01 for 10s', (news) => says(news, 'api-01')),
  type(YUKI, '/tcp status', (news) => says(news, 'api-01')),
  type(YUKI, '/tcp check cache-01', isVerdictOf('cache-01')),
  type(ALICE, '/tcp check db-01', isVerdictOf('db-01')),
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
    const acted = await slack.act(step.who, step.act(slack.snapshot()));
    if (!acted.ok) {
      console.log(`  Slack says: ${acted.error}`);
      return 1;
    }
    const waited = slack.until((snapshot) => step.until(news(snapshot)), WITHIN_MS).catch((error: Error) => error);
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
