/** `tcp-oncall propose`, and each decision on a change, over a real Redis: by whom, on what, and that it is the same person as in Slack. */
import { userInfo } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approve, openText } from '#app/approve.ts';
import type { ChangeStore } from '#app/change-ports.ts';
import type { Store } from '#app/check-ports.ts';
import { newId } from '#app/new-id.ts';
import { transition } from '#app/transition.ts';
import { boundOf, hashOf } from '#change/bound.ts';
import type { ChangeEvent } from '#change/decide.ts';
import { proposalEntry } from '#change/entry.ts';
import { isSigned, makeApproverKey } from '#change/signature.ts';
import type { Change, ChangeId, ChangeState } from '#domain/change.ts';
import type { Plan } from '#domain/plan.ts';
import { createChangeStore } from '#store/change-store.ts';
import { createStore } from '#store/store.ts';
import { plainPlan, saveReport } from '../bot/change-plans.ts';
import { ended, KINDS, onTrial, proposedChange, SYSCTL_KIND } from '../bot/change-samples.ts';
import { deciderOf } from '../bot/example-change.ts';
import { NO_POLICY, RULE } from '../bot/policy-rule.ts';
import { type Edit, editChange } from './edit-change.ts';
import { openTerminal, type Site } from './terminal-place.ts';

const LOGIN = userInfo().username;
const HOST = 'web-01';
const PLAN = plainPlan(HOST);
const FIX = PLAN.fix;
const KEEP_MS = 3_600_000;
const rule = { groups: ['*'], ask: 'members', approve: { users: ['U0ALICE', 'U0BOB'] } };
const bot = makeApproverKey();

let terminal: Awaited<ReturnType<typeof openTerminal>>;
let store: ChangeStore & Store;

beforeAll(async () => {
  terminal = await openTerminal({ rules: [rule], breakGlass: { users: ['U0EVE'] } });
  const { redis } = terminal;
  store = { ...createStore(redis, KEEP_MS), ...createChangeStore(redis, KEEP_MS, KINDS) };
});
afterAll(() => terminal?.close());
beforeEach(() => terminal.redis.flushall());

const say = (words: string, site?: Site) => terminal.run(words.split(' '), site);
const refused = (said: RegExp) => ({ status: 2, stdout: '', stderr: expect.stringMatching(said) });
const SOON = new Date(Date.now() + 600_000);

let serial = 0;

/** As Alice has asked for it in Slack. */
async function seed(state?: ChangeState, plan: Plan = PLAN, outside = false): Promise<ChangeId> {
  const now = new Date();
  const asked = proposedChange(newId(`seeded ${++serial}`), plan, now);
  const needs = { approvals: 1, outside };
  const gates = asked.gates.map((gate) => ({ ...gate, needs, ...(state !== undefined && { expiresAt: SOON }) }));
  const change: Change = { ...asked, gates, ...(state !== undefined && { state }) };
  await store.changes.propose(change, proposalEntry(SYSCTL_KIND, change, now));
  return change.id;
}

const trial = () => onTrial(new Date(), SOON);

const check = (ageMs = 0) => saveReport({ ...store, now: () => new Date(Date.now() - ageMs) }, PLAN);

async function proposed(words = `propose ${HOST} ${FIX} --reason ports --key alice.pem --yes --json`, site?: Site) {
  const { stdout, stderr } = await say(words, site);
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { readonly change: Change }).change;
}

async function happens(id: ChangeId, event: ChangeEvent): Promise<void> {
  const tools = { ...store, kinds: KINDS, announce: async () => {}, now: () => new Date() };
  expect(await transition(id, event, tools)).toMatchObject({ kind: 'moved' });
}

const stateOf = async (id: ChangeId) => (await store.changes.find(id))?.state;

describe('propose', () => {
  it('asks for a fix in the name of the key’s owner, from the newest check, and shows it first', async () => {
    await check();
    const { status, stdout, stderr } = await say(
      `propose ${HOST} ${FIX} --reason ports --minutes 5 --key alice.pem --yes`,
    );
    expect(stderr).toMatch(/^web-01: [^\n]*Requested by U0ALICE: ports\n {2}net\.ipv4\.tcp_tw_reuse: 2 → 1\n/);
    expect(stderr).toMatch(/Reverts automatically after 5 min unless kept/);
    const [change] = await store.changes.ofHost(HOST, 1);
    const requester = { surface: 'slack', id: 'U0ALICE' };
    expect(change).toMatchObject({ requester, reason: 'ports', revertMinutes: 5, breakGlass: false });
    expect([status, stdout]).toEqual([0, expect.stringContaining(`Proposed: change ${change?.id}. `)]);
    expect(await terminal.recorded()).toMatchObject([{ event: 'propose', actor: requester }]);
  });

  it('takes the place of an older proposal, in records that hold where they must be signed', async () => {
    const changes = { audit: { signers: [bot.publicKey] } };
    await check();
    const older = await proposed(undefined, { changes });
    await proposed(undefined, { changes });
    expect(await stateOf(older.id)).toMatchObject({ kind: 'ended', end: { how: 'superseded' } });
    expect(await say('audit verify', { changes })).toMatchObject({ status: 0 });
  });

  it('alone begins at once, for those whom the policy names for it', async () => {
    await check();
    const { id } = await proposed(`propose ${HOST} ${FIX} --reason ports --alone --key eve.pem --yes --json`);
    const change = await store.changes.find(id);
    expect(change).toMatchObject({ breakGlass: true, state: { kind: 'queued' } });
    const text = change ? (boundOf(SYSCTL_KIND, change, 0) ?? '') : '';
    expect(isSigned(text, change?.gates[0]?.approvals[0]?.signature ?? '', terminal.people.eve.publicKey)).toBe(true);
    expect(await say(`propose ${HOST} ${FIX} --reason ports --alone --key bob.pem --yes`)).toMatchObject(
      refused(/may not apply a change alone/),
    );
  });

  it.each([
    [`propose ${HOST} ${FIX} --reason x --key alice.pem`, /without asking: --yes/],
    [`propose ${HOST} ${FIX} --key alice.pem --yes`, /Give a reason/],
    [`propose ${HOST} ${FIX} --reason x --minutes 31 --key alice.pem --yes`, /does not allow a trial that long/],
    [`propose ${HOST} ${FIX} --reason x --minutes 1.5 --key alice.pem --yes`, /--minutes is a whole number/],
    [`propose ${HOST} restore-timestamp --reason x --key alice.pem --yes`, /Did you mean restore-timestamps\?/],
    [
      `propose ${HOST} raise-somaxconn --reason x --key alice.pem --yes`,
      /does not apply to web-01.*tcp-oncall plan web-01/,
    ],
    [`propose web-02 ${FIX} --reason x --key alice.pem --yes`, /no host "web-02"/],
  ])('refuses %s, and records nothing', async (words, said) => {
    await check();
    expect(await say(words)).toMatchObject(refused(said));
    expect(await terminal.recorded()).toEqual([]);
  });

  it('needs a check of the bot, and a fresh one', async () => {
    const words = `propose ${HOST} ${FIX} --reason x --key alice.pem --yes`;
    expect(await say(words)).toMatchObject(refused(/No recent check of web-01/));
    await check(31 * 60_000);
    expect(await say(words)).toMatchObject(refused(/too old to plan from/));
  });
});

describe('what is shown before it is asked', () => {
  const gone = /^ {2}net\.ipv4\.tcp_tw_reuse: 1 → 2\n(?!.*unless kept)/ms;

  it('of a kept change that is to be reverted is the way back, and no trial', async () => {
    const id = await seed(ended(new Date(), { how: 'done', by: null, remarks: [] }));
    const { stderr } = await say(`revert ${id} --key alice.pem`);
    expect(stderr).toMatch(gone);
    const said = stderr.replaceAll(/\s+/g, ' ');
    expect(said).toContain(`Requested by U0ALICE: Reverts the kept change ${id}`);
    expect(said).toContain('Restores the old values at once');
  });

  it('of a trial is its deadline and the newest proof, in lines that fit', async () => {
    const id = await seed(trial());
    const proof = { at: new Date(), before: null, after: {}, verdict: 'no-effect' as const };
    await happens(id, { kind: 'proved', proof });
    const { stderr } = await say(`extend ${id} --key bob.pem`);
    expect(stderr).toMatch(/^ {2}web-01: on trial {2}· {2}reverts \d{4}-\d\d-\d\d \d\d:\d\d UTC unless kept$/m);
    expect(stderr).toMatch(/^ {2}Proof after \d+ s: no effect$/m);
    expect(stderr).not.toContain('Reverts automatically after');
  });
});

describe('a person is the same person in Slack and on the terminal', () => {
  it('Alice does not approve on the terminal what she asked for in Slack, and Bob does', async () => {
    const id = await seed();
    expect(await say(`approve ${id} --key alice.pem --yes`)).toMatchObject(refused(/other than the requester/));
    expect(await say(`approve ${id} --key bob.pem --yes`)).toMatchObject({ status: 0 });
    expect(await stateOf(id)).toMatchObject({ kind: 'queued' });
  });

  it('nor in Slack what she asked for on the terminal', async () => {
    await check();
    const change = await proposed();
    const policy = { ...NO_POLICY, rules: [{ ...RULE, approve: { users: ['U0ALICE'], userGroups: [] } }] };
    const quiet = { queue: { add: async () => {} }, announce: async () => {} };
    const tools = {
      ...store,
      ...quiet,
      kinds: KINDS,
      policy,
      keys: new Map(),
      groupsOf: () => [],
      now: () => new Date(),
    };
    const now = (await store.changes.find(change.id)) as Change;
    const given = { ...deciderOf('U0ALICE'), seen: hashOf(openText(now, tools) ?? ''), trial: false, signature: null };
    expect(await approve(change.id, given, tools)).toMatchObject({ kind: 'refused', why: 'own-change' });
    expect(await stateOf(change.id)).toMatchObject({ kind: 'waiting', gate: 0 });
  });
});

describe('at a terminal', () => {
  it('it is asked first, and no is no', async () => {
    const id = await seed();
    expect(await say(`approve ${id} --key bob.pem`, { typed: 'n' })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/Approve exactly this\?[\s\S]*Nothing was done\./),
    });
    expect(await stateOf(id)).toMatchObject({ kind: 'waiting' });
    expect(await say(`approve ${id} --key bob.pem`, { typed: 'y' })).toMatchObject({ status: 0 });
    expect(await stateOf(id)).toMatchObject({ kind: 'queued' });
  });
});

describe('approve and keep', () => {
  it('sign exactly what they show', async () => {
    const id = await seed();
    const before = (await store.changes.find(id)) as Change;
    const text = openText(before, { kinds: KINDS }) ?? '';
    const { stderr } = await say(`approve ${id} --key bob.pem --yes`);
    for (const line of text.trimEnd().split('\n')) expect(stderr).toContain(`  | ${line.replaceAll('\t', ' ')}\n`);
    const signature = (await store.changes.find(id))?.gates[0]?.approvals[0]?.signature ?? '';
    expect(isSigned(text, signature, terminal.people.bob.publicKey)).toBe(true);
  });

  const otherValue: Edit = ({ plan }) => (plan.steps[0].to = '0');
  const onDb: Edit = (change) => {
    change.host = change.plan.host = 'db-01';
    for (const gate of change.gates) gate.host = 'db-01';
  };
  const SWAPS: readonly (readonly [what: string, swap: Edit])[] = [
    ['another value', otherValue],
    ['another host', onDb],
    ['another risk', ({ plan }) => (plan.risk = 'high')],
    ['a longer trial', (change) => (change.revertMinutes = 30)],
    ['another requester', (change) => (change.requester = { surface: 'slack', id: 'U0EVE' })],
    ['an emergency', (change) => (change.breakGlass = true)],
    [
      'an approval, and one that is enough',
      ({ gates }) => Object.assign(gates[0], { needs: { approvals: 0, outside: false } }),
    ],
  ];
  it.each(SWAPS)('sign what they showed, though it has become %s by then', async (what, swap) => {
    const id = await seed();
    const shown = openText((await store.changes.find(id)) as Change, { kinds: KINDS }) ?? '';
    const between = () => editChange(terminal.redis, id, swap);
    const answer = await say(`approve ${id} --key bob.pem --yes`, { between });
    const approvals = (await store.changes.find(id))?.gates[0]?.approvals ?? [];
    if (what.startsWith('an approval')) {
      expect(isSigned(shown, approvals[0]?.signature ?? '', terminal.people.bob.publicKey)).toBe(true);
      return;
    }
    expect(answer).toMatchObject(refused(/plan has changed/));
    expect([approvals, (await terminal.recorded()).length]).toEqual([[], 1]);
  });

  describe('less of it', () => {
    const step = (key: string, needs: readonly string[] = []) => ({ ...PLAN.steps[0], key, needs }) as never;
    const WIDE = 'net.ipv4.ip_local_port_range';
    const RESERVED = 'net.ipv4.ip_local_reserved_ports';
    const plan = { ...PLAN, steps: [step(RESERVED), step(WIDE, [RESERVED]), ...PLAN.steps] };
    const keysOf = ({ plan: of }: Change) => (of as unknown as typeof PLAN).steps.map(({ key }) => key);

    it('is shown, asked for, and signed as it is then', async () => {
      const id = await seed(undefined, plan);
      const words = `approve ${id} --key bob.pem --minutes 3 --only ${RESERVED} ${WIDE}`;
      const { status, stderr } = await say(words, { typed: 'y' });
      expect([status, stderr]).toEqual([
        0,
        expect.stringMatching(/reverts automatically after 3 min[\s\S]*revert 180/i),
      ]);
      expect(stderr).not.toContain('tcp_tw_reuse');
      const change = (await store.changes.find(id)) as Change;
      expect(change).toMatchObject({ revertMinutes: 3, state: { kind: 'queued' } });
      expect(keysOf(change)).toEqual([RESERVED, WIDE]);
      const [approval] = change.gates[0]?.approvals ?? [];
      const text = boundOf(SYSCTL_KIND, change, 0) ?? '';
      expect(approval?.hash).toBe(hashOf(text));
      expect(isSigned(text, approval?.signature ?? '', terminal.people.bob.publicKey)).toBe(true);
    });

    it('counts where only signatures do', async () => {
      const id = await seed(undefined, plan, true);
      expect(await say(`approve ${id} --key bob.pem --yes --only ${RESERVED}`)).toMatchObject({ status: 0 });
      expect(keysOf((await store.changes.find(id)) as Change)).toEqual([RESERVED]);
    });

    it.each([
      ['a step without what it needs', `--only ${WIDE}`],
      ['what is not in the plan', '--only net.core.somaxconn'],
      ['a longer trial', '--minutes 11'],
    ])('is never %s: it says what can be chosen', async (_what, options) => {
      const id = await seed(undefined, plan);
      const said = new RegExp(`whole parts.*trial of 10 min.*--only ${RESERVED} ${WIDE}`);
      expect(await say(`approve ${id} --key bob.pem --yes ${options}`)).toMatchObject(refused(said));
      expect(await stateOf(id)).toMatchObject({ kind: 'waiting' });
    });

    it('of what was decided meanwhile is refused as that', async () => {
      const id = await seed(trial(), plan);
      expect(await say(`approve ${id} --key bob.pem --yes --minutes 3`)).toMatchObject(refused(/already been decided/));
    });

    it('is none of another plan that it has become by then', async () => {
      const id = await seed(undefined, plan);
      const between = () => editChange(terminal.redis, id, otherValue);
      const words = `approve ${id} --key bob.pem --yes --only ${RESERVED}`;
      expect(await say(words, { between })).toMatchObject(refused(/plan has changed/));
    });
  });

  it('keep is of the gate after a trial, and approve is not', async () => {
    const id = await seed(trial());
    expect(await say(`approve ${id} --key bob.pem --yes`)).toMatchObject(refused(/already been decided/));
    expect(await say(`keep ${id} --key alice.pem --yes`)).toMatchObject(refused(/other than the requester/));
    expect(await say(`keep ${id} --key bob.pem --yes`)).toMatchObject({ status: 0 });
    const [, gate] = (await store.changes.find(id))?.gates ?? [];
    expect(gate?.approvals).toMatchObject([{ by: { id: 'U0BOB' }, signature: expect.stringMatching(/=$/) }]);
  });

  it('need a key where the policy wants signatures, and say so', async () => {
    const outside = { rules: [{ ...rule, outsideSlack: true }] };
    const changes = { ...outside, logins: { [LOGIN]: 'U0BOB' } };
    await check();
    const change = await proposed(undefined, { changes: outside });
    expect(await say(`approve ${change.id} --yes`, { changes })).toMatchObject(refused(/approver key with --key/));
    expect(await say(`approve ${change.id} --key bob.pem --yes`, { changes })).toMatchObject({ status: 0 });
  });
});

it('changes lists also what it has no words for', async () => {
  const id = await seed();
  const now = new Date();
  const gone = proposedChange(newId('gone'), { ...PLAN, fix: 'a-fix-of-before', facts: {} }, now);
  await store.changes.propose(gone, proposalEntry(SYSCTL_KIND, gone, now));
  const { status, stdout } = await say('changes');
  expect([status, stdout]).toEqual([0, expect.stringContaining('a-fix-of-before')]);
  expect(stdout).toContain(id);
});

it('changes names the host that is held beside the change that holds it, and no host that there is not', async () => {
  const id = await seed();
  await say(`approve ${id} --key bob.pem --yes`);
  await happens(id, { kind: 'start' });
  const { stdout } = await say(`changes ${HOST}`);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/web-01: applying; holds web-01 \(0 min\); lock expires in \d+ min/);
  expect(await say('changes web-02')).toMatchObject(refused(/no host "web-02"/));
});

describe('deny, withdraw, revert and extend', () => {
  it('deny ends a proposal with its reason, and withdraw is for who asked', async () => {
    const id = await seed();
    expect(await say(`withdraw ${id} --key bob.pem --yes`)).toMatchObject(refused(/Only the requester/));
    expect(await say(`deny ${id} --key bob.pem --yes`)).toMatchObject(refused(/needs --reason/));
    expect(await say(`deny ${id} --reason wrong-host --key bob.pem --yes`)).toMatchObject({ status: 0 });
    expect(await stateOf(id)).toMatchObject({ end: { how: 'denied', by: { id: 'U0BOB' }, reason: 'wrong-host' } });
    const other = await seed();
    expect(await say(`withdraw ${other} --key alice.pem --yes`)).toMatchObject({ status: 0 });
    expect(await stateOf(other)).toMatchObject({ end: { how: 'withdrawn' } });
  });

  it.each(['extend', 'revert'])('%s is a wish of a trial', async (what) => {
    const id = await seed(trial());
    expect(await say(`${what} ${id} --key bob.pem --yes`)).toMatchObject({ status: 0 });
    expect(await stateOf(id)).toMatchObject({ wish: { what, by: { id: 'U0BOB' } } });
  });

  it('extend is not for who asked', async () => {
    const id = await seed(trial());
    expect(await say(`extend ${id} --key alice.pem --yes`)).toMatchObject(refused(/other than the requester/));
  });

  it('revert of what was kept is a change that someone else approves', async () => {
    const id = await seed(ended(new Date(), { how: 'done', by: null, remarks: [] }));
    const back = await proposed(`revert ${id} --reason slower --key alice.pem --yes --json`);
    expect(back).toMatchObject({ reverts: id, reason: 'slower', state: { kind: 'waiting', gate: 0 } });
    expect(await say(`approve ${back.id} --key alice.pem --yes`)).toMatchObject(refused(/other than the requester/));
  });

  it('know no change by another id', async () => {
    for (const id of ['aaaaaaaa', '../etc', ''])
      expect(await say(`keep ${id} --key bob.pem --yes`)).toMatchObject({ status: 2 });
  });
});
