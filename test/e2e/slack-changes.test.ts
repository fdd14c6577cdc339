/** What people in Slack hear of changes that others have begun: freezes, and what can be proposed beside them. No host is touched. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shownHash } from '#app/decide-ports.ts';
import { transition } from '#app/transition.ts';
import type { ChangeEvent } from '#change/decide.ts';
import type { Policy } from '#change/policy.ts';
import type { ChangeId } from '#domain/change.ts';
import type { Message } from '#local-slack/snapshot.ts';
import { ended, KINDS, waiting as waitingSince } from '../bot/change-samples.ts';
import { deleteMessage } from '../bot/delete-message.ts';
import { gateOf, minutesLater } from '../bot/example-change.ts';
import { NO_POLICY, RULE } from '../bot/policy-rule.ts';
import { inTrial, seedChange } from '../bot/seeded-change.ts';
import { buttonsOf, words } from '../bot/seen.ts';
import { ALICE, BOB, INCIDENT, ONCALL, openDesk, RANDOM, type SlackDesk, YUKI } from '../bot/slack-desk.ts';

const POLICY: Policy = {
  ...NO_POLICY,
  rules: [{ ...RULE, approve: { users: [ALICE, BOB], userGroups: [] } }],
  admins: { users: [BOB], userGroups: [] },
};

let desk: SlackDesk;

beforeAll(async () => {
  desk = await openDesk({ policy: POLICY });
});
afterAll(() => desk.close());

async function answer(user: string, text: string, channel = ONCALL): Promise<string> {
  const [message] = await desk.told(user, () => desk.says(user, text, channel));
  return message === undefined ? '' : words(message);
}

const saidIn = (channel: string, pattern: RegExp) =>
  desk.slack
    .snapshot()
    .messages.filter(
      (each) => each.onlyFor === null && each.channel === channel && !each.thread && pattern.test(each.text),
    );
const toldIn = (thread: Message, pattern: RegExp) =>
  desk.slack.snapshot().messages.filter((each) => each.thread === thread.ts && pattern.test(each.text));

const WAITING = waitingSince(new Date());

describe('a freeze', () => {
  it('is heard where it was ordered, where changes of its group are open, and by nobody else', async () => {
    const waiting = await seedChange(desk, 'web-01', ALICE, WAITING);
    const trial = await seedChange(desk, 'web-02', ALICE, inTrial());
    const other = await seedChange(desk, 'db-01', ALICE, WAITING);
    expect(await answer(BOB, '/tcp freeze on web', RANDOM)).toMatch(/frozen \(web\).*open changes \(2\)/);
    const frozen = /Changes frozen \(web\)/;
    expect(saidIn(RANDOM, frozen)).toHaveLength(1);
    await expect.poll(() => saidIn(ONCALL, frozen)).toHaveLength(1);
    await expect.poll(() => toldIn(waiting.card(), /can't be approved until \/tcp freeze off web/)).toHaveLength(1);
    await expect.poll(() => toldIn(trial.card(), /This trial continues/)).toHaveLength(1);
    await expect
      .poll(() => words(waiting.card()))
      .toMatch(/Frozen \(web\): can't be approved until \/tcp freeze off web/);
    expect(words(trial.card())).not.toMatch(/Frozen/);

    expect(await answer(BOB, '/tcp freeze off web')).toMatch(/unfrozen \(web\).*open changes \(2\)/);
    expect(saidIn(ONCALL, /unfrozen \(web\)/)).toHaveLength(1);
    for (const change of [waiting, trial])
      await expect.poll(() => toldIn(change.card(), /unfrozen \(web\)/)).toHaveLength(1);
    await expect.poll(() => words(waiting.card())).not.toMatch(/Frozen/);
    expect(toldIn(other.card(), /frozen|possible again/)).toEqual([]);
  });

  it('in a channel that cannot be written to is told to who ordered it, with the reason', async () => {
    expect(await answer(BOB, '/tcp freeze on', INCIDENT)).toMatch(/frozen \(all hosts\).*can't post in this channel/);
    expect(await answer(BOB, '/tcp freeze off')).toMatch(/unfrozen \(all hosts\)/);
  });
});

const now = () => new Date();

async function happens(id: ChangeId, event: ChangeEvent): Promise<void> {
  const { store, announce } = desk.changes;
  await transition(id, event, { changes: store.changes, kinds: KINDS, announce, now });
}

describe('a card', () => {
  const isUnsettled = async (id: ChangeId) => (await desk.store.cards.unsettled()).some((card) => card.id === id);
  const reverted: ChangeEvent = { kind: 'undone', why: 'timer', remarks: [] };
  const kept = () => ended(now(), { how: 'done', by: null, remarks: [] });

  it('shows how its change ended while the bot was away, and its thread is told', async () => {
    const { id, card } = await seedChange(desk, 'lb-01', ALICE, inTrial());
    await expect.poll(() => toldIn(card(), /Reverts automatically/)).toHaveLength(1);
    // Who did it died before it could announce it.
    await desk.whileStopped(({ changes }) =>
      transition(id, reverted, { changes, kinds: KINDS, announce: async () => {}, now }),
    );
    await expect.poll(() => words(card())).toMatch(/lb-01: reverted/);
    await expect.poll(() => toldIn(card(), /old values are back on lb-01/)).toHaveLength(1);
    await expect.poll(() => isUnsettled(id)).toBe(false);
  });

  it('that showed the end is looked after again when something happens later', async () => {
    const alone = { breakGlass: true, review: { reminders: 0, done: null } };
    const { id, card } = await seedChange(desk, 'lb-02', ALICE, kept(), alone);
    await expect.poll(() => isUnsettled(id)).toBe(false);
    const told = toldIn(card(), /./).length;
    desk.slack.faults.fail('chat.update', { times: 10_000, status: 500 });
    await happens(id, { kind: 'remind' });
    await expect.poll(() => isUnsettled(id)).toBe(true);
    while (desk.slack.faults.next('chat.update') !== undefined);
    await expect.poll(() => isUnsettled(id)).toBe(false);
    expect(toldIn(card(), /./)).toHaveLength(told + 1);
  });

  it('that somebody deletes is not posted again', async () => {
    const { id, card } = await seedChange(desk, 'nat-01', ALICE, inTrial());
    await expect.poll(() => toldIn(card(), /Reverts automatically/)).toHaveLength(1);
    await deleteMessage(desk.slack, ONCALL, card().ts);
    await happens(id, reverted);
    await expect.poll(() => isUnsettled(id)).toBe(false);
    expect(card()).toBeUndefined();
  });

  it('that Slack refuses is shown in plain text', async () => {
    const { id, card } = await seedChange(desk, 'nat-02', ALICE, kept());
    const { ts } = card();
    desk.slack.faults.fail('chat.update', { times: 1, status: 200, error: 'invalid_blocks' });
    await happens(id, { kind: 'proved', proof: { at: now(), before: null, after: {}, verdict: 'unknown' } });
    const shown = () => desk.slack.snapshot().messages.find((each) => each.ts === ts);
    await expect.poll(shown).toMatchObject({ text: expect.stringMatching(/nat-02/), blocks: [] });
    await expect.poll(() => isUnsettled(id)).toBe(false);
  });
});

describe('the trial of one person', () => {
  it('calls those who may keep it, and the requester learns who they are', async () => {
    const change = await seedChange(desk, 'api-01', ALICE, inTrial());
    await expect.poll(() => toldIn(change.card(), /Reverts automatically/)).toHaveLength(1);
    expect(toldIn(change.card(), /Reverts automatically/)[0]?.pings).toEqual([BOB, ALICE]);
    expect(words(change.card())).toMatch(/Can keep or extend: {2}@U0BOB/);
    const [told] = await desk.told(ALICE, () => desk.presses(ALICE, change.card(), 'change:keep'));
    expect(told && words(told)).toMatch(/other than the requester must approve\.\s+Can keep or extend: +@U0BOB$/);
  });
});

describe('what the policy wants signed', () => {
  it.each([
    ['change:approve', 'approve', () => waitingSince(new Date())],
    ['change:keep', 'keep', inTrial],
  ] as const)('is not decided by %s, which names tcp-oncall %s', async (button, verb, state) => {
    const host = `edge-${verb}`;
    const signed = { host, needs: { approvals: 1, outside: true }, expiresAt: minutesLater(10, new Date()) };
    const gates = ['apply', 'keep'].map((name) => gateOf(name, signed));
    const change = await seedChange(desk, host, ALICE, state(), { gates });
    const [told] = await desk.told(BOB, () => desk.presses(BOB, change.card(), button));
    expect(told && words(told)).toContain(`tcp-oncall ${verb} ${change.id}`);
  });
});

describe('the way back of what was kept', () => {
  it('is another change, in the thread of the card', async () => {
    const kept = await seedChange(desk, 'db-02', ALICE, ended(new Date(), { how: 'done', by: null, remarks: [] }));
    expect(buttonsOf(kept.card())).toContain('change:take-back');
    const asked = () => toldIn(kept.card(), /revert waiting for approval/);
    const isOffered = () => buttonsOf(kept.card()).includes('change:take-back');
    async function asksBack(): Promise<void> {
      await desk.presses(ALICE, kept.card(), 'change:take-back');
      await expect.poll(asked).toHaveLength(1);
      await expect.poll(isOffered).toBe(false);
    }
    await asksBack();
    await desk.presses(ALICE, asked()[0], 'change:withdraw');
    await expect.poll(isOffered).toBe(true);
    await expect.poll(() => toldIn(kept.card(), /Not reverted by change/)).toHaveLength(1);
    expect(words(kept.card())).not.toMatch(/Revert requested/);

    await asksBack();
    const [taker] = await desk.changes.store.changes.ofHost('db-02', 1);
    if (taker === undefined) throw new Error('Nothing takes it back.');
    const by = { surface: 'slack', id: BOB } as const;
    const approval = { by, hash: shownHash(taker, KINDS), signature: null, userGroups: [] };
    await happens(taker.id, { kind: 'approve', ...approval });
    await happens(taker.id, { kind: 'start' });
    await happens(taker.id, { kind: 'done', gate: 'revert', reverts: null, artefact: null, remarks: [], seen: 2 });
    await expect.poll(() => toldIn(kept.card(), /old values are back on db-02/)).toHaveLength(1);
    await expect.poll(() => words(kept.card())).toContain(`Reverted by change ${taker.id}.`);
    expect(words(kept.card())).not.toMatch(/Revert requested/);
    expect(isOffered()).toBe(false);
  });
});

describe('App Home', () => {
  it('leads to the card of a trial and keeps it; a refusal is said in the conversation with the bot', async () => {
    const change = await seedChange(desk, 'web-05', ALICE, inTrial());
    const blocks = () => desk.slack.snapshot().homes[BOB]?.blocks ?? [];
    const buttons = () => blocks().find((each) => JSON.stringify(each).includes(`"value":"${change.id}.`));
    const keeps = () =>
      desk.slack.act(BOB, {
        ...{ kind: 'press', at: 'home', actionId: 'change:keep' },
        blockId: String(buttons()?.['block_id']),
      });
    await desk.slack.act(BOB, { kind: 'open-home' });
    await expect.poll(buttons).toBeDefined();
    expect(JSON.stringify(blocks())).toContain(`/archives/${ONCALL}/p${change.card().ts.replace('.', '')}`);

    const older = `${change.id}.${'0'.repeat(12)}`;
    desk.slack.faults.forge((payload) => ({
      ...payload,
      actions: (payload['actions'] as readonly object[]).map((action) => ({ ...action, value: older })),
    }));
    await keeps();
    desk.slack.faults.forge(undefined);
    const said = () =>
      desk.slack.snapshot().messages.filter(({ channel, text }) => /^D/.test(channel) && /plan has changed/.test(text));
    await expect.poll(said).toHaveLength(1);

    await keeps();
    await expect
      .poll(async () => (await desk.changes.store.changes.find(change.id))?.state)
      .toMatchObject({ kind: 'queued', gate: 1 });
  });
});

describe('/tcp fix', () => {
  it('says from which check it speaks, counts what is no matter, and offers nothing beside a trial', async () => {
    await desk.says(YUKI, '/tcp check api-02');
    await desk.untilEnded('api-02');
    const before = await answer(ALICE, '/tcp fix api-02');
    expect(before).toMatch(/From the check at .*\d min ago\..*\d+ not applicable\. Reasons: \/tcp fix api-02/);
    const change = await seedChange(desk, 'api-02', ALICE, inTrial());
    const [list] = await desk.told(ALICE, () => desk.says(ALICE, '/tcp fix api-02'));
    expect(list && words(list)).toMatch(new RegExp(`in progress \\(${change.id}\\)`));
    expect(list && buttonsOf(list)).toEqual([]);
  });
});
