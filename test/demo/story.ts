/** `npm run demo -- --story`: a story without a browser. People type and press; what they read is printed. */
import type { LocalSlack } from '#local-slack/local-slack.ts';
import type { Act, Message, Snapshot } from '#local-slack/snapshot.ts';
import { changeCards, fixButton } from '../bot/change-people.ts';
import { cardsOf } from '../bot/seen.ts';
import type { Scene } from './scene.ts';
import { transcribe } from './transcript.ts';

const ONCALL = 'C0ONCALL';
const WITHIN_MS = 30_000;

export interface Step {
  readonly who: string;
  readonly act?: (snapshot: Snapshot) => Act;
  /** What the person does, as the transcript says it. */
  readonly does: string;
  /** The story goes on when this holds; `news` are messages that came or changed since. */
  readonly until: (news: readonly Message[], snapshot: Snapshot) => boolean;
  readonly withinMs?: number;
  /** It cannot hold any more: nobody waits for it to the end. */
  readonly isOver?: (news: readonly Message[]) => boolean;
}

/** 0 when every step came to what it should; 1 when one did not, which is said; 130 when interrupted. */
export async function playStory(
  { slack }: Pick<Scene, 'slack'>,
  steps: readonly Step[],
  interrupted: Promise<void>,
  say: (text: string) => void = console.log,
): Promise<number> {
  let stop = false;
  void interrupted.then(() => {
    stop = true;
  });
  for (const step of steps) {
    if (stop) return 130;
    const status = await playStep(step, slack, interrupted, say);
    if (status !== 0) return status;
  }
  return 0;
}

/** What is posted is read as it comes; of a message that is edited again and again, the last is enough. */
async function playStep(
  step: Step,
  slack: LocalSlack,
  interrupted: Promise<void>,
  say: (text: string) => void,
): Promise<number> {
  const read = new Set(slack.snapshot().messages.map(contentOf));
  const before = new Set(read);
  const news = ({ messages }: Snapshot) => messages.filter((message) => !before.has(contentOf(message)));
  const tell = (snapshot: Snapshot, isWanted: (message: Message) => boolean) => {
    for (const message of snapshot.messages.filter((each) => isWanted(each) && !read.has(contentOf(each)))) {
      read.add(contentOf(message));
      say(transcribe(message, snapshot));
    }
  };
  say(`\n> ${nameOf(step.who, slack.snapshot())} ${step.does}`);
  const acted = step.act && (await slack.act(step.who, step.act(slack.snapshot())));
  if (acted?.ok === false) {
    say(`  Slack says: ${acted.error}`);
    return 1;
  }
  const waited = slack
    .until((snapshot) => {
      tell(snapshot, ({ edited }) => !edited);
      return step.isOver?.(news(snapshot)) || step.until(news(snapshot), snapshot);
    }, step.withinMs ?? WITHIN_MS)
    .catch((error: Error) => error);
  const seen = await Promise.race([waited, interrupted]);
  if (seen === undefined) return 130;
  tell(slack.snapshot(), () => true);
  const why = seen instanceof Error ? seen.message : step.isOver?.(news(seen)) ? 'the change has ended.' : undefined;
  if (why === undefined) return 0;
  say(`  This did not happen: ${why}`);
  return 1;
}

function contentOf(message: Message): string {
  return JSON.stringify(message);
}

export function type(who: string, text: string, until: Step['until'], withinMs = WITHIN_MS): Step {
  return { who, does: `types: ${text}`, act: () => ({ kind: 'type', channel: ONCALL, text }), until, withinMs };
}

/** Presses Fix on the newest card of the host, and sends the form. */
export function proposes(
  who: string,
  host: string,
  fix: string,
  said: Readonly<Record<string, string>>,
): readonly Step[] {
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
export function presses(who: string, action: string, button: string, until: Step['until'], withinMs = WITHIN_MS): Step {
  const act = (snapshot: Snapshot) => press(changeCards(snapshot).at(-1), action);
  return { who, does: `presses ${button}`, act, until, withinMs };
}

export function press(message: Message | undefined, actionId: string | undefined): Act {
  if (message === undefined || actionId === undefined) throw new Error('There is no such button.');
  return { kind: 'press', at: { channel: message.channel, message: message.ts }, actionId };
}

function nameOf(user: string, { people }: Snapshot): string {
  return people.find(({ id }) => id === user)?.name ?? user;
}

export function says(news: readonly Message[], text: string): boolean {
  return news.some((message) => JSON.stringify([message.text, message.blocks]).includes(text));
}

/** The card shows its end, which the thread is told as well. */
export function isVerdictOf(host: string): Step['until'] {
  return (news) => {
    const card = news.find((message) => message.thread === null && message.edited && says([message], host));
    return card !== undefined && news.some(({ thread }) => thread === card.ts);
  };
}
