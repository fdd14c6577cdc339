/** What somebody sends who can sign like Slack, or types what a shell or Slack would obey: nothing is decided, run or pinged. */
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '#local-slack/payloads.ts';
import type { Message } from '#local-slack/snapshot.ts';
import { BOT } from '#local-slack/workspace.ts';
import { ALICE, BOB, type ChangeScene, FIX, openChangeScene, YUKI } from '../bot/change-scene.ts';
import { buttonsOf, words } from '../bot/seen.ts';

const CANARY = `/tmp/tcp-oncall-canary-${process.pid}`;
/** What a shell, a template, a terminal or Slack would make something of. */
const HOSTILE =
  `$(touch ${CANARY}) \`touch ${CANARY}\`; touch ${CANARY} | touch ${CANARY}\ntouch ${CANARY} ' " ` +
  '<!channel> <!here> @channel <@U0GUEST> <!subteam^S0ONCALL> *b* {{host}} \u001b[31m\u009b2J \u202egnp';

let scene: ChangeScene;
beforeAll(async () => {
  scene = await openChangeScene('attacks');
});
afterAll(() => scene?.close());
/** Nothing open, nothing on trial. */
afterEach(async () => {
  const { people, slack } = scene;
  for (const user of [ALICE, BOB]) await slack.act(user, { kind: 'close-modal' });
  const card = people.newest();
  if (card !== undefined && buttonsOf(card).includes('change:withdraw')) {
    await people.presses(ALICE, card, 'change:withdraw');
    await people.until('withdrawn');
  }
  expect(await scene.live()).toBe('0');
});

async function forging<T>(forge: (payload: Payload) => Payload, act: () => Promise<T>): Promise<T> {
  scene.slack.faults.forge(forge);
  try {
    return await act();
  } finally {
    scene.slack.faults.forge(undefined);
  }
}

/** A press that says something else than its button does. */
function saying(value: unknown, action?: string): (payload: Payload) => Payload {
  return (payload) => {
    const [pressed] = payload['actions'] as readonly Payload[];
    return { ...payload, actions: [{ ...pressed, value, ...(action !== undefined && { action_id: action }) }] };
  };
}

function remembering(metadata: string): (payload: Payload) => Payload {
  return (payload) => ({ ...payload, view: { ...(payload['view'] as Payload), private_metadata: metadata } });
}

/** A card's button value: the change, and the beginning of its plan's hash. */
function shownOn(card: Message): { readonly id: string; readonly seen: string } {
  const [, id = '', seen = ''] = /"([a-z2-7]{8})\.([0-9a-f]{12})"/.exec(JSON.stringify(card.blocks)) ?? [];
  return { id, seen };
}

async function eventsOf(id: string): Promise<readonly string[]> {
  return (await scene.trail()).filter(({ change }) => change === id).map(({ event }) => event);
}

describe('a button', () => {
  it('whose value was forged decides nothing, and says so to that person alone', async () => {
    const { people, proposes } = scene;
    const older = shownOn(await proposes(ALICE));
    const card = await proposes(ALICE);
    const { id, seen } = shownOn(card);
    const unknown = /No such change/;
    for (const [value, sentence] of [
      ['', unknown],
      [id, unknown],
      [`${id}.${seen}.${seen}`, unknown],
      [`${id.toUpperCase()}.${seen}`, unknown],
      [`../${id}.${seen}`, unknown],
      [`aaaaaaaa.${seen}`, unknown],
      [`${id}.${'0'.repeat(12)}`, /The plan has changed/],
      [`${older.id}.${seen}`, /A newer proposal/],
      ['x'.repeat(5000), unknown],
      [HOSTILE, unknown],
      [7, unknown],
      [{ id }, unknown],
      [null, unknown],
    ] as const)
      expect(
        await people.told(BOB, () => forging(saying(value), () => people.presses(BOB, card, 'change:approve'))),
      ).toMatch(sentence);
    for (const action of ['change:keep', 'change:revert', 'change:extend'])
      expect(
        await people.told(BOB, () =>
          forging(saying(`${id}.${seen}`, action), () => people.presses(BOB, card, 'change:approve')),
        ),
      ).toMatch(/not approved yet/);
    expect(await eventsOf(id)).toEqual(['propose']);
  });

  it('that there is none of, or for a fix that there is none of, does nothing', async () => {
    const { people, proposes } = scene;
    const card = await proposes(ALICE);
    const { id, seen } = shownOn(card);
    const acted = await Promise.all(
      ['change:approve2', '__proto__'].map((action) =>
        forging(saying(`${id}.${seen}`, action), () => people.presses(BOB, card, 'change:approve')),
      ),
    );
    expect(acted.map(({ ok }) => ok)).toEqual([false, false]);
    for (const [value, sentence] of [
      ['aaaaaaaa.reuse-time-wait-ports', /No such check/],
      [`${HOSTILE}.${FIX}`, /No such check/],
    ] as const)
      expect(
        await people.told(BOB, () =>
          forging(saying(value, 'fix:0'), () => people.presses(BOB, card, 'change:approve')),
        ),
      ).toMatch(sentence);
    expect(await eventsOf(id)).toEqual(['propose']);
  });

  it('whose press is sent again is not pressed again, and is no press of another card', async () => {
    const { people, proposes } = scene;
    const first = await proposes(ALICE);
    let captured: Payload = {};
    const capture = (payload: Payload) => {
      captured = payload;
      return { ...payload, actions: [] };
    };
    await forging(capture, () => people.presses(BOB, first, 'change:approve'));
    await people.presses(ALICE, first, 'change:withdraw');
    await people.until('withdrawn');
    const second = await proposes(ALICE);
    // The same steps, and another text all the same.
    expect(shownOn(second).seen).not.toBe(shownOn(first).seen);
    const replay = () =>
      forging(
        () => captured,
        () => people.presses(BOB, second, 'change:approve'),
      );
    expect(await people.told(BOB, replay)).toMatch(/has been withdrawn/);
    await replay();
    // Once another question is answered, the copy has been dealt with.
    await people.told(BOB, () => people.says(BOB, '/tcp help'));
    expect(await eventsOf(shownOn(second).id)).toEqual(['propose']);
  });
});

describe('a form', () => {
  it('that remembers what it was not given proposes nothing, and can be sent as it was', async () => {
    const { people, slack, opensForm } = scene;
    const before = (await scene.trail()).length;
    await opensForm(ALICE);
    for (const [metadata, sentence] of [
      ['', /No such check/],
      ['null', /No such check/],
      ['{"value":7}', /No such check/],
      [JSON.stringify({ value: HOSTILE, channel: HOSTILE, thread: HOSTILE }), /No such check/],
    ] as const) {
      await forging(remembering(metadata), () => people.submits(ALICE, { reason: 'checkout fails' }));
      expect(slack.snapshot().modals[ALICE]?.errors['reason']).toMatch(sentence);
    }
    await people.submits(ALICE, { reason: 'checkout fails', minutes: '99' });
    expect(slack.snapshot().modals[ALICE]?.errors['reason']).toMatch(/does not allow a trial that long/);
    expect(await scene.trail()).toHaveLength(before);
    await people.submits(ALICE, { reason: 'checkout fails' });
    await people.until('waiting for approval');
    expect(await scene.trail()).toHaveLength(before + 1);
  });

  it('sent twice is one proposal', async () => {
    const { people, opensForm } = scene;
    const before = (await scene.trail()).length;
    await opensForm(ALICE);
    let captured: Payload = {};
    const keep = (payload: Payload) => {
      captured = payload;
      return payload;
    };
    await forging(keep, () => people.submits(ALICE, { reason: 'checkout fails' }));
    await people.until('waiting for approval');
    await opensForm(ALICE);
    await forging(
      () => captured,
      () => people.submits(ALICE, { reason: 'checkout fails' }),
    );
    expect(await scene.trail()).toHaveLength(before + 1);
  });

  it('approves no more than the plan has, whatever is chosen in it', async () => {
    const { people, slack, proposes } = scene;
    const card = await proposes(ALICE);
    await people.presses(BOB, card, 'change:narrow');
    await slack.until(({ modals }) => modals[BOB] !== undefined);
    for (const minutes of ['11', '0', '-5', '2.5', 'Infinity', 'ten', HOSTILE]) {
      await people.submits(BOB, { minutes });
      expect(slack.snapshot().modals[BOB]?.errors['minutes']).toMatch(/may only remove steps/);
    }
    const { id } = shownOn(card);
    expect(await eventsOf(id)).toEqual(['propose']);
    await people.submits(BOB, { minutes: '5' });
    await people.until('on trial');
    await people.presses(BOB, people.newest(), 'change:revert');
    await people.until('reverted');
  });
});

/** What the bot has said since, to whomever. */
function saidSince(count: number): readonly Message[] {
  return scene.slack
    .snapshot()
    .messages.slice(count)
    .filter(({ user }) => user === BOT.user);
}

describe('whatever is typed', () => {
  it('reaches no shell, calls nobody, and is shown as it is', async () => {
    const { people, slack, proposes } = scene;
    const from = slack.snapshot().messages.length;
    const card = await proposes(ALICE, { reason: HOSTILE + 'x'.repeat(5000), who: HOSTILE });
    expect(words(card)).toContain('<!channel> <!here> @channel <@U0GUEST> <!subteam^S0ONCALL> *b* {{host}} \\x1b[31m');
    expect(words(card)).toContain(`$(touch ${CANARY})`);
    await people.presses(BOB, card, 'change:deny');
    await slack.until(({ modals }) => modals[BOB] !== undefined);
    await people.submits(BOB, { reason: HOSTILE });
    await people.until('denied');
    for (const [user, text, sentence] of [
      [ALICE, `/tcp fix ${HOSTILE}`, /no host/],
      [ALICE, `/tcp fix web-01 ${HOSTILE}`, /no fix/],
      [ALICE, `/tcp fix <!channel> <!channel>`, /no host "<!channel>"/],
      [BOB, `/tcp freeze ${HOSTILE}`, /no group/],
      [BOB, '/tcp freeze <!channel>', /no group "<!channel>", so nothing was frozen/],
      [BOB, '/tcp freeze web-01', /no group "web-01", so nothing was frozen\. Did you mean lab\?/],
      [BOB, `/tcp freeze off ${HOSTILE}`, /is not frozen/],
      [BOB, `/tcp unlock <!here>`, /No change holds <!here>/],
      [BOB, `/tcp unlock ${'web-01'.repeat(80)}`, /No change holds/],
    ] as const)
      expect(await people.told(user, () => people.says(user, text))).toMatch(sentence);
    const said = saidSince(from);
    expect(said.length).toBeGreaterThan(10);
    expect(new Set(said.flatMap(({ pings }) => pings))).toEqual(new Set([ALICE, BOB]));
    const reasons = (await scene.trail()).flatMap(({ details }) => details['reason'] ?? []);
    expect(reasons).toContain((HOSTILE + 'x'.repeat(5000)).slice(0, 500));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
    expect(await scene.exported()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect([existsSync(CANARY), await scene.root(`ls ${CANARY} 2>&1`)]).toEqual([
      false,
      expect.stringContaining('No such file'),
    ]);
  });
});

describe('who may', () => {
  it('a second account counts as its own person: the policy has to name it, and the record names both', async () => {
    const { people, proposes } = scene;
    const card = await proposes(ALICE);
    expect(await people.told(YUKI, () => people.presses(YUKI, card, 'change:approve'))).toMatch(
      /承認する権限がありません/,
    );
    await people.presses(BOB, card, 'change:approve');
    await people.until('on trial');
    await people.presses(BOB, people.newest(), 'change:revert');
    await people.until('reverted');
    const story = (await scene.trail()).filter(({ change }) => change === shownOn(card).id);
    expect(story.slice(0, 2)).toMatchObject([
      { event: 'propose', actor: { surface: 'slack', id: ALICE } },
      { event: 'approve', actor: { surface: 'slack', id: BOB } },
    ]);
  });

  it('not another app, nor somebody deactivated, even a minute ago', async () => {
    const { people, slack, proposes } = scene;
    const card = await proposes(ALICE);
    for (const [user, sentence] of [
      ['U0ROBOT', /Other apps cannot/],
      ['U0GONE', /account is deactivated/],
    ] as const)
      expect(await people.told(user, () => people.presses(user, card, 'change:approve'))).toMatch(sentence);
    expect(await people.told(BOB, () => people.says(BOB, '/tcp help'))).toMatch(/tcp/);
    slack.becomes(BOB, 'deactivated');
    try {
      expect(await people.told(BOB, () => people.presses(BOB, card, 'change:approve'))).toMatch(/is deactivated/);
    } finally {
      slack.becomes(BOB, 'member');
    }
    expect(await eventsOf(shownOn(card).id)).toEqual(['propose']);
  });
});
