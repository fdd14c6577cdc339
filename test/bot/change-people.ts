/** People in the local Slack who ask for changes of one host, and decide on them. */
import type { LocalSlack } from '#local-slack/local-slack.ts';
import type { Acted, Block, Message, Snapshot } from '#local-slack/snapshot.ts';
import { elementsOf } from '#local-slack/validate-blocks.ts';
import { buttonsOf, cardsOf, privatelyTo, words } from './seen.ts';

const ONCALL = 'C0ONCALL';

export type ChangePeople = ReturnType<typeof createChangePeople>;

/** The cards of changes, oldest first. */
export function changeCards({ messages }: Pick<Snapshot, 'messages'>): readonly Message[] {
  return messages.filter(isChangeCard);
}

function isChangeCard({ onlyFor, blocks }: Message): boolean {
  return onlyFor === null && blocks.some((block) => /(?:plan|計画) [0-9a-f]{12}/.test(JSON.stringify(block)));
}

/** The action of the button of a card that offers this fix. */
export function fixButton(card: { readonly blocks: readonly Block[] } | undefined, fix: string): string | undefined {
  const element = card?.blocks.flatMap(elementsOf).find(({ value }) => String(value).endsWith(`.${fix}`));
  return element && String(element['action_id']);
}

/** A person has one form open at a time. */
const forms = new WeakMap<LocalSlack, Promise<unknown>>();

function inTurn<T>(slack: LocalSlack, work: () => Promise<T>): Promise<T> {
  const mine = (forms.get(slack) ?? Promise.resolve()).then(work);
  forms.set(
    slack,
    mine.catch(() => undefined),
  );
  return mine;
}

export function createChangePeople(slack: LocalSlack, host: string, fix: string) {
  const newestIn = ({ messages }: Snapshot) =>
    messages.findLast((message) => message.text.startsWith(`${host}:`) && isChangeCard(message));
  const newest = () => newestIn(slack.snapshot());
  const says = (user: string, text: string): Promise<Acted> => slack.act(user, { kind: 'type', channel: ONCALL, text });

  function presses(user: string, message: Message | undefined, actionId: string | undefined): Promise<Acted> {
    if (message === undefined || actionId === undefined) throw new Error(`No message to press ${actionId} on.`);
    return slack.act(user, { kind: 'press', at: { channel: message.channel, message: message.ts }, actionId });
  }

  /** Each block has one element, of the same name. */
  function submits(user: string, values: Readonly<Record<string, string>>): Promise<Acted> {
    const filled = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { [name]: value }]));
    return slack.act(user, { kind: 'submit', values: filled });
  }

  /** Cards of checks that have ended: a change offers to check again, too. */
  const reported = (seen: Snapshot) => cardsOf(host, seen).filter((card) => buttonsOf(card).includes('full-report'));

  async function checks(user: string, withinMs?: number): Promise<Message> {
    const before = reported(slack.snapshot()).length;
    await says(user, `/tcp check ${host} for 1s`);
    const seen = await slack.until((each) => reported(each).length > before, withinMs);
    const card = reported(seen).at(-1);
    if (card === undefined) throw new Error('No card.');
    return card;
  }

  /** The form, from the card of a check that has ended. */
  async function opens(user: string, card: Message): Promise<void> {
    const button = fixButton(card, fix);
    if (button === undefined) throw new Error(`No button for ${fix} on: ${words(card)}`);
    await presses(user, card, button);
    await slack.until(({ modals }) => modals[user] !== undefined);
  }

  /** From the card of a check that has ended. Rejects with what the form says when it is refused. */
  async function asks(user: string, card: Message, values: Readonly<Record<string, string>> = {}): Promise<Message> {
    const before = newest()?.ts;
    await inTurn(slack, async () => {
      await opens(user, card);
      const { error } = await submits(user, { reason: 'checkout fails', ...values });
      const open = slack.snapshot().modals[user];
      if (open !== undefined) throw new Error(`The form is not taken: ${error ?? ''} ${JSON.stringify(open.errors)}`);
    });
    const isNew = (change: Message | undefined) => change !== undefined && change.ts !== before;
    const change = newestIn(await slack.until((seen) => isNew(newestIn(seen))));
    if (change === undefined) throw new Error('No change.');
    return change;
  }

  return {
    newest,
    says,
    presses,
    submits,
    checks,
    opens,
    asks,
    /** Resolves with what there is once the newest change's card says so. */
    until: (text: string, withinMs?: number) =>
      slack.until((seen) => newestIn(seen)?.text.includes(text) ?? false, withinMs),
    proposes: async (user: string, values: Readonly<Record<string, string>> = {}) =>
      asks(user, await checks(user), values),
    /** What this person alone is told because of `work`. */
    async told(user: string, work: () => Promise<unknown>): Promise<string> {
      const before = privatelyTo(user, slack.snapshot()).length;
      await work();
      const seen = await slack.until((each) => privatelyTo(user, each).length > before);
      const message = privatelyTo(user, seen).at(-1);
      return message === undefined ? '' : words(message);
    },
  };
}
