/** A host whose helper lies, floods and spits markup: nothing is called applied that was not read back, and the bot stays small. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL } from '#domain/helper-state.ts';
import { HELPER_PATH, HELPER_VERSION } from '#kinds/sysctl/helper.ts';
import type { Message } from '#local-slack/snapshot.ts';
import { BOT } from '#local-slack/workspace.ts';
import { ALICE, BOB, type ChangeScene, HOST, openChangeScene } from '../bot/change-scene.ts';
import { setUpForChanges } from '../bot/changes.ts';
import { words } from '../bot/seen.ts';

const CANARY = `/tmp/tcp-oncall-canary-host-${process.pid}`;
const MARKUP = `<!channel> <@U0GUEST> *b* {{host}} $(touch ${CANARY}) \u001b[31mred\u001b[0m\u009b2J\u202egnp`;
const KEY = 'net.ipv4.tcp_tw_reuse';
const MOST_GROWTH_KB = 200 * 1024;

let scene: ChangeScene;
beforeAll(async () => {
  scene = await openChangeScene('hostile');
});
afterAll(() => scene?.close());
afterEach(() => setUpForChanges(scene.lab, HOST));

/** Lines of sh in place of the helper, where `$2` is the word that frames an answer and `$3` the verb. */
/** To a check it says a version that is as good as any, so that it is asked to apply something at all. */
async function helperIs(lines: string): Promise<void> {
  const version = `[ "$3" != version ] || { echo "$2 version ${HELPER_VERSION} protocol ${PROTOCOL}"; exit; }`;
  await scene.root(
    `rm -f /tmp/asked; cat >${HELPER_PATH}`,
    `#!/bin/sh\n${version}\necho "$3" >>/tmp/asked\n${lines}\n`,
  );
}

/** Lines that the helper prints, each framed as it should be. */
function framed(...lines: readonly string[]): string {
  return `cat <<'END' | while IFS= read -r line; do printf '%s %s\\n' "$2" "$line"; done\n${lines.join('\n')}\nEND`;
}

/** The first answer to the first question, the second to the second, and none after the last. */
function oneAfterTheOther(answers: readonly string[]): string {
  const cases = answers.map((answer, index) => `${index + 1}) ${answer}\n;;`);
  return `case $(wc -l </tmp/asked) in\n${cases.join('\n')}\nesac`;
}

const timesAsked = async () => Number(await scene.root('cat /tmp/asked 2>/dev/null | wc -l'));

/** Proposed by one, approved by the other. */
async function applies(): Promise<string> {
  const card = await scene.proposes(ALICE);
  await scene.people.presses(BOB, card, 'change:approve');
  return /"([a-z2-7]{8})\.[0-9a-f]{12}"/.exec(JSON.stringify(card.blocks))?.[1] ?? '';
}

async function storyOf(id: string) {
  return (await scene.trail()).filter(({ change }) => change === id);
}

async function eventsOf(id: string): Promise<readonly string[]> {
  return (await storyOf(id)).map(({ event }) => event);
}

const newest = () => words(scene.people.newest() as Message);

async function untilNeverBegun(): Promise<void> {
  await setUpForChanges(scene.lab, HOST);
  await scene.people.until('change failed; nothing was changed');
  expect(newest()).toMatch(/not in the host's journal/);
}

/** Whom the bot has called, of all that it has ever said. */
function called(): ReadonlySet<string> {
  const said = scene.slack.snapshot().messages.filter(({ user }) => user === BOT.user);
  return new Set(said.flatMap(({ pings }) => pings));
}

describe('a helper that says it has applied the change', () => {
  it('in no frame of ours, or with other values, or without end, is not believed', async () => {
    const other = 'ab'.repeat(12);
    const lies = [
      `echo "${other} value ${KEY} 1\\n${other} state on-trial 600\\nstate on-trial 600\\n$2state on-trial 600"`,
      framed(`value ${KEY} 0`, 'state on-trial 600'),
      framed('state on-trial 600'),
      framed(`value ${KEY} 1`, 'state on-trial 99999999999999'),
      framed(`value ${KEY} 1`, 'state on-trial soon', 'state applied 600', 'applied', 'state'),
    ];
    await helperIs(oneAfterTheOther(lies));
    const id = await applies();
    await scene.people.until('outcome unknown');
    // Another question comes when the answer to the one before has been taken.
    await expect.poll(timesAsked, { interval: 200 }).toBeGreaterThan(lies.length);
    expect(await eventsOf(id)).toEqual(['propose', 'approve', 'start', 'lose']);
    await untilNeverBegun();
    expect(await scene.live()).toBe('0');
  }, 120_000);

  it('with other values at once, is quoted on the card', async () => {
    await helperIs(framed(`value ${KEY} 7`, 'state on-trial 600'));
    const id = await applies();
    await scene.people.until('outcome unknown');
    expect(newest()).toContain(`Last error: ${KEY} 7.`);
    expect(await storyOf(id)).toMatchObject([{}, {}, {}, { event: 'lose', details: { why: `${KEY} 7` } }]);
    await untilNeverBegun();
  });
});

describe('a helper that never stops talking', () => {
  it.each([
    ['in frames', 'yes "$2 state on-trial 600"'],
    ['in one line, on both streams', "tr '\\0' x </dev/zero | tee /dev/stderr"],
  ])('%s is cut off, and nobody claims that it is applied', async (_, flood) => {
    const before = await peakKilobytes();
    await helperIs(flood);
    const id = await applies();
    await scene.people.until('outcome unknown');
    await expect.poll(() => scene.root('pgrep -x "yes|tr|tee" || :')).toBe('');
    expect((await peakKilobytes()) - before).toBeLessThan(MOST_GROWTH_KB);
    expect(newest()).toContain('Last error: the host sent far too much output.');
    expect(await eventsOf(id)).toEqual(['propose', 'approve', 'start', 'lose']);
    await untilNeverBegun();
  });
});

/** The most memory that the bot has had so far. */
async function peakKilobytes(): Promise<number> {
  const status = await readFile(`/proc/${scene.serve.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
}

describe('a helper that spits markup and escape codes', () => {
  it.each([
    ['a word that we know', 'drift', 'A value has changed since the check'],
    ['a word of its own', MARKUP, '<!channel>'],
  ])('and refuses with %s is quoted as it is', async (_, code, sentence) => {
    await helperIs(`${framed(`refused ${code} ${MARKUP} ${'x'.repeat(100_000)}`)}\nexit 1`);
    const id = await applies();
    await scene.people.until('change failed; nothing was changed');
    expect(newest()).toContain(sentence);
    expect(newest()).toContain(`<!channel> <@U0GUEST> *b* {{host}} $(touch ${CANARY}) \\x1b[31mred`);
    const [last] = (await storyOf(id)).slice(-1);
    expect(last).toMatchObject({ event: 'fail', to: 'failed' });
    expect(JSON.stringify(last).length).toBeLessThan(1500);
    await expectNothingRan();
  });

  it('of keys that are not in the plan, is not listened to', async () => {
    const others = Array.from({ length: 1000 }, (_, index) => `conflict net.ipv4.key_${index} ${MARKUP}`);
    await helperIs(framed(...others, `conflict ${KEY} ${MARKUP}`, 'state reverted timer'));
    const id = await applies();
    await scene.people.until('reverted');
    expect(newest()).toContain(`${KEY} is now <!channel>`);
    const [last] = (await storyOf(id)).slice(-1);
    expect(last?.details['remarks']).toEqual([
      { what: 'conflict', key: KEY, value: expect.stringMatching(/^<!channel>/) },
    ]);
    await expectNothingRan();
  });

  it('instead of an answer, may not run the helper as far as anybody can tell', async () => {
    await helperIs(`printf '%s\\n' '${MARKUP.replaceAll("'", '')}' >&2\nexit 1`);
    await applies();
    await scene.people.until('change failed; nothing was changed');
    expect(newest()).toMatch(/The account may not run the helper \(sudo: <!channel>.*\\x1b\[31mred/);
    await expectNothingRan();
  });
});

async function expectNothingRan(): Promise<void> {
  expect(called()).toEqual(new Set([ALICE, BOB]));
  expect([existsSync(CANARY), await scene.root(`ls ${CANARY} 2>&1`), await scene.live()]).toEqual([
    false,
    expect.stringContaining('No such file'),
    '0',
  ]);
}
