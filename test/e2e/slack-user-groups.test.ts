/** User groups of Slack that are gone, or that Slack says nothing of: only what needs them stops, and nobody is taken for a stranger. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Policy } from '#change/policy.ts';
import type { ChangeId } from '#domain/change.ts';
import { RULE } from '../bot/policy-rule.ts';
import { inTrial, seedChange } from '../bot/seeded-change.ts';
import { words } from '../bot/seen.ts';
import { ALICE, BOB, openDesk, type SlackDesk, YUKI } from '../bot/slack-desk.ts';

/** In the local Slack: alice and bob. */
const THERE = 'S0ONCALL';
const [GONE, GONE_TOO] = ['S0GONE', 'S0LEFT'];
const LIST = 'usergroups.users.list';
const POLICY: Policy = {
  rules: [
    {
      ...RULE,
      groups: ['web', 'fleet'],
      ask: { users: [], userGroups: [GONE] },
      approve: { users: [], userGroups: [THERE] },
    },
    { ...RULE, approve: { users: [ALICE], userGroups: [GONE_TOO] } },
  ],
  breakGlass: { users: [], userGroups: [GONE_TOO] },
  admins: { users: [YUKI], userGroups: [GONE] },
  freezes: [],
};

let desk: SlackDesk;

beforeAll(async () => {
  desk = await openDesk({ policy: POLICY });
});
afterAll(() => desk.close());

async function wantedOf(id: ChangeId): Promise<string | undefined> {
  const state = (await desk.changes.store.changes.find(id))?.state;
  return state?.kind === 'waiting' ? state.wish?.what : state?.kind;
}

async function answer(user: string, work: () => Promise<unknown>): Promise<string> {
  const [message] = await desk.told(user, work);
  return message === undefined ? '' : words(message);
}

const toldYuki = (group: string) =>
  desk.slack.snapshot().messages.filter(({ channel, text }) => channel === `D0${YUKI}` && text.includes(group));
const asked = (group: string) =>
  desk.slack.calls.filter(({ method, args }) => method === LIST && args['usergroup'] === group).length;

describe('a group that is gone', () => {
  it('stops no revert that another group allows, and an admin is told of it once', async () => {
    const first = await seedChange(desk, 'web-01', YUKI, inTrial());
    await desk.presses(BOB, first.card(), 'change:revert');
    await expect.poll(() => wantedOf(first.id)).toBe('revert');
    const second = await seedChange(desk, 'web-02', YUKI, inTrial());
    await desk.presses(ALICE, second.card(), 'change:keep');
    await expect.poll(() => wantedOf(second.id)).toBe('queued');
    await expect.poll(() => toldYuki(GONE)).toHaveLength(1);
    expect(toldYuki(GONE).map(words)).toEqual([
      expect.stringMatching(/ユーザーグループ S0GONE は、Slack に存在しません/),
    ]);
  });

  it('holds nobody: who would need it is refused as a stranger is', async () => {
    const change = await seedChange(desk, 'web-03', BOB, inTrial());
    expect(await answer(YUKI, () => desk.presses(YUKI, change.card(), 'change:revert'))).toMatch(
      /依頼する権限がありません/,
    );
    expect(await answer(ALICE, () => desk.says(ALICE, '/tcp freeze on'))).toMatch(/Only admins may do this/);
    expect(toldYuki(GONE)).toHaveLength(1);
  });

  it('is not asked about where the rule does not need it', async () => {
    const change = await seedChange(desk, 'db-01', BOB, inTrial());
    const before = asked(GONE_TOO);
    await desk.presses(YUKI, change.card(), 'change:revert');
    await expect.poll(() => wantedOf(change.id)).toBe('revert');
    expect(asked(GONE_TOO)).toBe(before);
  });
});

describe('while Slack does not say who is in a group', () => {
  it('what needs it is not done and says why; who is named, or needs none, goes on', async () => {
    const [web, db, other] = await Promise.all([
      seedChange(desk, 'fleet-01', YUKI, inTrial()),
      seedChange(desk, 'db-02', YUKI, inTrial()),
      seedChange(desk, 'db-03', YUKI, inTrial()),
    ]);
    desk.slack.faults.fail(LIST, { times: 20, status: 503 });
    const [told] = await Promise.all([
      answer(BOB, () => desk.presses(BOB, web.card(), 'change:keep')),
      desk.presses(ALICE, db.card(), 'change:keep'),
      desk.presses(BOB, other.card(), 'change:revert'),
    ]);
    expect(told).toMatch(/Slack didn't say who is in the user groups/);
    expect(await wantedOf(web.id)).toBeUndefined();
    await expect.poll(() => wantedOf(db.id)).toBe('queued');
    await expect.poll(() => wantedOf(other.id)).toBe('revert');
  });
});
