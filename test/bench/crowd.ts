/** Many checks asked for in the local Slack, and how each goes: for figures of the whole bot. */
import type { LocalSlack } from '#local-slack/local-slack.ts';
import type { Message, Snapshot } from '#local-slack/snapshot.ts';

const ONCALL = 'C0ONCALL';
const ALICE = 'U0ALICE';
const WITHIN_MS = 120_000;

/** Milliseconds. */
export interface Asked {
  readonly ack: number;
  readonly firstVerdict: number;
  readonly end: number;
}

/** Types the command; resolves when the card shows the end. */
export async function ask(slack: LocalSlack, host: string, interval: number): Promise<Asked> {
  const began = performance.now();
  const known = new Set(slack.snapshot().messages.map(({ ts }) => ts));
  const isCard = (message: Message) =>
    !known.has(message.ts) &&
    message.thread === null &&
    message.onlyFor === null &&
    message.text.startsWith(`${host}:`);
  const shows =
    (action: string) =>
    ({ messages }: Snapshot) =>
      messages.some((message) => isCard(message) && JSON.stringify(message.blocks).includes(action));
  const { ok, ackMs, error } = await slack.act(ALICE, {
    kind: 'type',
    channel: ONCALL,
    text: `/tcp check ${host} for ${interval}s`,
  });
  if (!ok || ackMs === null) throw new Error(`The command was not taken: ${error}.`);
  const ended = shows('check-again');
  // A card that is first posted when its check has ended is never edited.
  const verdict = (seen: Snapshot) =>
    ended(seen) ||
    seen.messages.some((message) => isCard(message) && message.edited && !/connecting|reading/.test(message.text));
  await slack.until(verdict, WITHIN_MS);
  const firstVerdict = performance.now() - began;
  await slack.until(ended, WITHIN_MS);
  return { ack: ackMs, firstVerdict, end: performance.now() - began };
}

/** Keeps every host busy until so many checks have ended; resolves with how many did and how long that took. */
export async function keepBusy(
  slack: LocalSlack,
  hosts: readonly string[],
  total: number,
): Promise<{ readonly ended: number; readonly seconds: number }> {
  const began = performance.now();
  let [left, ended] = [total, 0];
  await Promise.all(
    hosts.map(async (host) => {
      while (left-- > 0) {
        await ask(slack, host, 1);
        ended++;
      }
    }),
  );
  return { ended, seconds: (performance.now() - began) / 1000 };
}
