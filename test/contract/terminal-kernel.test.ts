/** `tcp-oncall kernel`: a build is asked for, watched and approved on the terminal, over a real Redis; what the bot does is done here by hand. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeStore } from '#app/change-ports.ts';
import type { Store } from '#app/check-ports.ts';
import { newId } from '#app/new-id.ts';
import { proposalEntry } from '#change/entry.ts';
import type { AnyKind } from '#change/kind.ts';
import type { Change, ChangeId, ChangeState } from '#domain/change.ts';
import type { AskedFor, Check, CheckState } from '#domain/check.ts';
import type { Command, CommandResult } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { createChangeStore } from '#store/change-store.ts';
import { createStore } from '#store/store.ts';
import { plainPlan } from '../bot/change-plans.ts';
import { ended, KINDS, proposedChange, waiting } from '../bot/change-samples.ts';
import { exited, NO_OUTPUT, UNREACHABLE } from '../bot/command-results.ts';
import { gateOf, personOf } from '../bot/example-change.ts';
import { KERNEL_PLAN } from '../bot/kernel-plan.ts';
import { createScriptedHosts } from '../bot/scripted-hosts.ts';
import { openTerminal, type Site } from './terminal-place.ts';

const KERNEL_KIND = KINDS.get('kernel') as AnyKind;
const HOST = 'web-01';
const BUILDER = 'builder-01';
const KEEP_MS = 3_600_000;
const MANIFEST = 'tcp-oncall kernel\t1\nrelease\t6.1.192-tw15-abcdefgh\nend\n';
const SHA = createHash('sha256').update(MANIFEST).digest('hex');
const rule = { groups: ['*'], kinds: ['kernel'], ask: 'members', approve: { users: ['U0ALICE', 'U0BOB'] } };
const hosts = { [BUILDER]: { address: '127.0.0.2' }, 'db-01': { address: '127.0.0.3' } };

let terminal: Awaited<ReturnType<typeof openTerminal>>;
let store: ChangeStore & Store;
let serial = 0;

beforeAll(async () => {
  terminal = await openTerminal({ rules: [rule], kernel: { builder: BUILDER } });
  const { redis } = terminal;
  store = { ...createStore(redis, KEEP_MS), ...createChangeStore(redis, KEEP_MS, KINDS) };
});
afterAll(() => terminal?.close());
beforeEach(() => terminal.redis.flushall());

const say = (words: string, site: Site = {}) => terminal.run(words.split(' '), { hosts, ...site });
const refused = (said: RegExp) => ({ status: 2, stdout: '', stderr: expect.stringMatching(said) });
const inAnHour = () => new Date(Date.now() + 3_600_000);

/** As Alice has asked for it in Slack; `gate`: that waits, the ones before it approved by Bob. */
async function seed(gate: number, state?: ChangeState): Promise<ChangeId> {
  const now = new Date();
  const approvals = [{ by: personOf('U0BOB'), at: now, hash: 'h', signature: null, userGroups: [] }];
  const gates = ['build', 'install', 'boot', 'keep'].map((name, index) =>
    gateOf(name, {
      host: index === 0 ? BUILDER : HOST,
      artefact: index > 0 && gate > 0 ? SHA : null,
      approvals: index < gate ? approvals : [],
      expiresAt: index <= gate ? inAnHour() : null,
    }),
  );
  const proposed = proposedChange(newId(`kernel ${++serial}`), plainPlan(HOST), now);
  const open = state ?? { ...(waiting(now) as Extract<ChangeState, { kind: 'waiting' }>), gate };
  const change: Change = { ...proposed, kind: 'kernel', plan: KERNEL_PLAN, gates, state: open };
  await store.changes.propose(change, proposalEntry(KERNEL_KIND, change, now));
  return change.id;
}

const stateOf = async (id: ChangeId) => (await store.changes.find(id))?.state;
const working = (gate: number): ChangeState => ({
  kind: 'working',
  at: new Date(),
  gate,
  reverts: null,
  wish: null,
  running: true,
});

/** A worker carries the check out. */
async function carriedOut(state: (run: Check) => Promise<Exclude<CheckState, { kind: 'queued' | 'running' }>>) {
  await expect.poll(() => store.runs.active(), { timeout: 20_000, interval: 20 }).toHaveLength(1);
  const [asked] = await store.runs.active();
  const run = asked && (await store.runs.take(asked.id));
  if (run === undefined) throw new Error('The check has ended already.');
  await store.runs.end(run, await state(run));
  return run;
}

async function build(words: string, asked: (run: Check) => Promise<AskedFor>, site?: Site) {
  const [answer, run] = await Promise.all([
    say(`kernel build ${HOST} ${words} --yes`, site),
    carriedOut(async (run) => ({ kind: 'reported', asked: await asked(run) })),
  ]);
  return { ...answer, run };
}

describe('kernel build', () => {
  const ASKED = 'timewait=15 --reason checkout --key alice.pem';

  it('requests what a check is to be followed by, waits, and shows the change that came of it', async () => {
    const { status, stdout, stderr, run } = await build(ASKED, async () => ({
      kind: 'proposed',
      change: await seed(0),
      warnings: [],
    }));
    expect(run.next).toMatchObject({ seconds: 15, builder: BUILDER, config: 'running', url: null, reason: 'checkout' });
    expect(run.next?.actor).toEqual(personOf('U0ALICE'));
    const [change] = await store.changes.active();
    expect([status, stdout]).toEqual([0, expect.stringContaining(`Proposed: change ${change?.id}.`)]);
    expect(stderr).toMatch(
      /^web-01: a kernel with TIME_WAIT 15 s, built on builder-01\. Requested by U0ALICE:\s+checkout\n/,
    );
  });

  it('says every reason why it is refused, also to a program', async () => {
    const why = [
      { code: 'no-rule', details: {} },
      { code: 'a-code-of-a-newer-worker', details: { what: 'x' } },
    ];
    const { status, stdout, stderr } = await build(`${ASKED} --json`, async () => ({ kind: 'refused', why }));
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ schema: 'tcp-oncall.kernel-request/1', kind: 'refused', why });
    expect(stderr).toMatch(/nothing was\s+changed:\n {2}- .+\n.* {2}- a-code-of-a-newer-worker x\n/s);
  });

  it('takes another builder and the modules that are loaded', async () => {
    const words = 'timewait=60 --on db-01 --modules --reason x --key alice.pem';
    const { run } = await build(words, async () => ({ kind: 'refused', why: [] }));
    expect(run.next).toMatchObject({ seconds: 60, builder: 'db-01', config: 'modules' });
  });

  it('says when the host could not be checked', async () => {
    const failure = {
      kind: 'unreachable',
      details: { host: HOST, address: 'x', port: 22, user: 'ops', why: 'no route' },
    };
    const [answer] = await Promise.all([
      say(`kernel build ${HOST} ${ASKED} --yes`),
      carriedOut(async () => ({ kind: 'failed', failure: failure as never })),
    ]);
    expect(answer).toMatchObject({ status: 3, stderr: expect.stringMatching(/no route/) });
  });

  it('goes on when nobody waits any more', async () => {
    const giveUp = new AbortController();
    const [answer] = await Promise.all([
      say(`kernel build ${HOST} ${ASKED} --yes`, { signal: giveUp.signal }),
      expect
        .poll(() => store.runs.active(), { timeout: 20_000 })
        .toHaveLength(1)
        .then(() => giveUp.abort()),
    ]);
    expect(answer).toMatchObject({ status: 130, stderr: expect.stringMatching(/kernel status web-01/) });
    expect(await store.runs.active()).toHaveLength(1);
  });

  it.each([
    ['timewait=4 --key alice.pem', {}, /TIME_WAIT can be 5 to 60 s/],
    ['timewait=15 --on bilder-01 --key alice.pem', {}, /no host "bilder-01".*Did you mean builder-01/],
    ['timewait=15 --url http://x/y.src.rpm --key alice.pem', {}, /--url is the https address/],
    ['timewait=15 --key alice.pem', { changes: { kernel: {} } }, /--on builder-01/],
    ['timewait=15 --key alice.pem', { changes: { rules: [] } }, /no rule|may not|No one may/i],
    ['timewait=15', {}, /Could not tell who you are/],
  ])('refuses %s at once', async (words, site, said) => {
    expect(await say(`kernel build ${HOST} ${words} --yes`, site)).toMatchObject(refused(said));
    expect(await store.runs.active()).toEqual([]);
  });

  it('asks first, and no is no', async () => {
    const answer = await say(`kernel build ${HOST} ${ASKED}`, { typed: 'n' });
    expect(answer).toMatchObject({ status: 1, stderr: expect.stringContaining('Nothing was done.') });
    expect(await store.runs.active()).toEqual([]);
  });
});

describe('kernel install, boot and keep', () => {
  it.each([
    ['install', 1],
    ['boot', 2],
  ])('approve the gate %s, and no other that is open', async (name, gate) => {
    const id = await seed(gate);
    const other = name === 'boot' ? 'install' : 'boot';
    expect(await say(`kernel ${other} ${id} --key bob.pem --yes`)).toMatchObject(
      refused(new RegExp(`waits for ${name}, not for ${other}`)),
    );
    expect(await stateOf(id)).toMatchObject({ kind: 'waiting', gate });
    expect(await say(`kernel ${name} ${id} --key alice.pem --yes`)).toMatchObject(refused(/other than the requester/));
    expect(await say(`kernel ${name} ${id} --key bob.pem --yes`)).toMatchObject({ status: 0 });
    expect(await stateOf(id)).toMatchObject({ kind: 'queued', gate });
  });

  it('keep what is on trial', async () => {
    const trial = {
      ...(waiting(new Date()) as Extract<ChangeState, { kind: 'waiting' }>),
      gate: 3,
      reverts: inAnHour(),
    };
    const id = await seed(3, trial);
    expect(await say(`kernel keep ${id} --key bob.pem --yes`)).toMatchObject({ status: 0 });
    expect(await stateOf(id)).toMatchObject({ kind: 'queued', gate: 3 });
  });

  it('are for kernel builds alone', async () => {
    const now = new Date();
    const change = proposedChange(newId(`sysctl ${++serial}`), plainPlan(HOST), now);
    await store.changes.propose(change, proposalEntry(KINDS.get('sysctl') as AnyKind, change, now));
    for (const verb of ['install', 'cancel', 'rollback', 'log', 'provenance'])
      expect(
        await say(`kernel ${verb} ${change.id}${['log', 'provenance'].includes(verb) ? '' : ' --key bob.pem --yes'}`),
      ).toMatchObject(refused(/is not a kernel build/));
    expect(await say('kernel install abcdefgh --key bob.pem --yes')).toMatchObject(refused(/No such change/));
  });
});

describe('kernel cancel and rollback', () => {
  it('cancel ends what runs, and withdraws what waits', async () => {
    const running = await seed(0, working(0));
    expect(await say(`kernel cancel ${running} --key bob.pem --yes`)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`Cancel requested: change ${running}.`),
    });
    expect(await stateOf(running)).toMatchObject({ wish: { what: 'cancel', by: personOf('U0BOB') } });
  });

  it('a request that waits is withdrawn by its requester', async () => {
    const id = await seed(0);
    expect(await say(`kernel cancel ${id} --key bob.pem --yes`)).toMatchObject({ status: 2 });
    expect(await say(`kernel cancel ${id} --key alice.pem --yes`)).toMatchObject({ status: 0 });
    expect(await stateOf(id)).toMatchObject({ kind: 'ended', end: { how: 'withdrawn' } });
  });

  it('a kept kernel is taken back by a change of its own, which somebody else approves', async () => {
    const id = await seed(4, ended(new Date(), { how: 'done', by: null, remarks: [] }));
    const { status, stdout } = await say(`kernel rollback ${id} --reason slower --key alice.pem --yes`);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^Proposed: change /)]);
    const [back] = await store.changes.active();
    expect(back).toMatchObject({ reverts: id, kind: 'kernel', gates: [{ name: 'rollback' }], reason: 'slower' });
  });
});

describe('kernel status', () => {
  it('shows the builds under way, what was last heard of them, and what their gates wait for', async () => {
    const id = await seed(0, working(0));
    const change = (await store.changes.find(id)) as Change;
    await store.changes.keepProgress(change, { line: 'build compile 41 300 2 CC net/ipv4/tcp.o', silentSince: null });
    const { status, stdout } = await say('kernel status');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${id} {2}`));
    expect(stdout).toMatch(/41 ?%/);
    expect(stdout).toContain('net/ipv4/tcp.o');
    expect(stdout).toMatch(/^ {2}install: not open yet$/m);
    const { builds } = JSON.parse((await say(`kernel status ${id} --json`)).stdout);
    expect(builds).toMatchObject([{ change: { id }, progress: { silentSince: null } }]);
  });

  it('says since when a host is silent, and when there is none', async () => {
    expect((await say('kernel status')).stdout).toMatch(/No kernel build is under way/);
    const id = await seed(0, working(0));
    const silentSince = new Date(Date.now() - 60_000);
    await store.changes.keepProgress((await store.changes.find(id)) as Change, { line: '', silentSince });
    expect((await say(`kernel status ${HOST}`)).stdout).toMatch(/No answer since \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(await say('kernel status web-02')).toMatchObject(refused(/no host "web-02"/));
  });
});

describe('kernel log', () => {
  /** A build host that answers with these, one after the other; the word is the runner's first argument. */
  function hostSays(...answers: readonly (CommandResult | readonly string[])[]) {
    const left = [...answers];
    return async (host: Host, { input, hostKey }: Command): Promise<CommandResult> => {
      expect([host.name, hostKey]).toEqual([BUILDER, gateOf('build').hostKey]);
      const word = input.kind === 'argv' ? (input.argv[4] ?? '') : '';
      const answer = left.shift() ?? { ...NO_OUTPUT, kind: 'aborted' };
      return 'kind' in answer ? answer : exited(answer.map((line) => `${word} ${line}\n`).join(''));
    };
  }

  it('follows the build on its host, over a lost connection, to its end', async () => {
    const id = await seed(0, working(0));
    const runOnHost = hostSays(['state building', 'log 0 4 4', 'text one'], UNREACHABLE, [
      `state built ${SHA}`,
      'log 4 13 13',
      'text two\u001b[2J',
    ]);
    const { status, stdout, stderr } = await say(`kernel log ${id} -f`, { runOnHost });
    expect([status, stdout]).toEqual([0, 'one\ntwo\\x1b[2J\n']);
    expect(stderr).toMatch(/no route.*Trying again/);
  });

  it('is the kept one where the build has ended and its host is not asked', async () => {
    const id = await seed(1);
    await store.changes.keepFile(id, 'log', Buffer.from('kept log\n'));
    expect(await say(`kernel log ${id}`)).toEqual({ status: 0, stdout: 'kept log\n', stderr: '' });
  });

  it.each<[string, CommandResult | readonly string[], number, RegExp]>([
    ['has no such job', ['state none'], 2, /has no log/],
    ['is away', UNREACHABLE, 3, /no route/],
    ['says nothing that can be read', exited('nonsense'), 3, /no answer that can be read/],
  ])('says why there is none where the host %s', async (_, answer, status, said) => {
    const id = await seed(0, working(0));
    expect(await say(`kernel log ${id}`, { runOnHost: hostSays(answer) })).toMatchObject({
      status,
      stdout: '',
      stderr: expect.stringMatching(said),
    });
  });
});

describe('kernel provenance', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'provenance-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function kept(): Promise<ChangeId> {
    const id = await seed(1);
    await store.changes.keepFile(id, 'manifest', Buffer.from(MANIFEST));
    await store.changes.keepFile(id, 'log', Buffer.from('a log\n'));
    await store.changes.keepFile(id, 'config-diff', { why: 'away builder-01' });
    return id;
  }

  it('shows who approved what, the manifest, and each kept file with its hash', async () => {
    const id = await kept();
    const { status, stdout } = await say(`kernel provenance ${id}`);
    expect(status).toBe(0);
    for (const said of [
      /build: approved by U0BOB/,
      /release {2}6\.1\.192-tw15-abcdefgh/,
      new RegExp(`manifest +\\d+ +${SHA}`),
      /config-diff +not kept/,
    ])
      expect(stdout).toMatch(said);
    const record = JSON.parse((await say(`kernel provenance ${id} --json`)).stdout);
    expect(record).toMatchObject({
      schema: 'tcp-oncall.provenance/1',
      change: { id, plan: KERNEL_PLAN },
      artefact: SHA,
    });
  });

  it('writes the files, overwrites none, and says so', async () => {
    const id = await kept();
    const place = join(dir, 'new');
    expect(await say(`kernel provenance ${id} --dir ${place}`)).toMatchObject({ status: 0 });
    expect((await readdir(place)).sort()).toEqual(['log', 'manifest', 'provenance.json']);
    expect(await readFile(join(place, 'manifest'), 'utf8')).toBe(MANIFEST);
    await writeFile(join(place, 'manifest'), 'mine');
    expect(await say(`kernel provenance ${id} --dir ${place}`)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/Could not write .*; nothing is overwritten|already exists/s),
    });
    expect(await readFile(join(place, 'manifest'), 'utf8')).toBe('mine');
  });

  it('has status 1 where a kept file is not what was approved', async () => {
    const id = await kept();
    await store.changes.keepFile(id, 'manifest', Buffer.from('release\tforged\n'));
    const answer = await say(`kernel provenance ${id}`);
    expect(answer).toMatchObject({ status: 1, stderr: expect.stringMatching(/Not as they were kept: manifest/) });
    expect(answer.stdout).not.toContain('forged');
    expect(await say(`kernel provenance ${await seed(0)}`)).toMatchObject(refused(/Nothing is kept/));
  });
});

describe('kernel plan', () => {
  const flat = (text: string) => text.replaceAll(/\s+/g, ' ');

  it('shows what would be built, what the host says of cheaper ways, and what to bear in mind; asks nobody', async () => {
    const { run: runOnHost } = await createScriptedHosts();
    const { status, stdout } = await say(`kernel plan ${HOST} timewait=15`, { runOnHost });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^web-01: Rebuild kernel 6\.1\.0-50-amd64 with a TIME_WAIT of 15 s\n/);
    for (const step of ['build', 'install', 'boot', 'keep']) expect(stdout).toMatch(new RegExp(`^ {2}${step}: `, 'm'));
    expect(flat(stdout)).toMatch(/tcp_tw_reuse/);
    expect(flat(stdout)).toMatch(/-> .*security updates/i);
    expect(flat(stdout)).toContain('To request it: tcp-oncall kernel build web-01 timewait=15 --on builder-01');
    const json = JSON.parse((await say(`kernel plan ${HOST} 15s --modules --json`, { runOnHost })).stdout);
    expect(json).toMatchObject({
      schema: 'tcp-oncall.kernel-plan/1',
      kind: 'planned',
      plan: { host: HOST, builder: BUILDER, seconds: 15, config: 'modules', modules: ['virtio_net', 'ext4'] },
    });
    expect([await store.runs.active(), await store.changes.active()]).toEqual([[], []]);
  });

  it('names everything that stands in the way, with status 1', async () => {
    const hosts = await createScriptedHosts();
    hosts.preflight(HOST, 'secure-boot on', 'container docker');
    hosts.preflight(BUILDER, 'disk home 100 2000000 ext4');
    const { status, stdout } = await say(`kernel plan ${HOST} timewait=15`, { runOnHost: hosts.run });
    expect(status).toBe(1);
    expect(flat(stdout)).toMatch(/^A kernel with TIME_WAIT 15 s for web-01 cannot be built on builder-01: - /);
    expect(stdout.match(/^ {2}- /gm)).toHaveLength(3);
    const json = JSON.parse((await say(`kernel plan ${HOST} timewait=15 --json`, { runOnHost: hosts.run })).stdout);
    expect(json).toMatchObject({
      kind: 'refused',
      why: expect.arrayContaining([{ code: 'secure-boot', details: { host: HOST } }]),
    });
  });

  it('says why the host could not be checked', async () => {
    const answer = await say(`kernel plan ${HOST} timewait=15`, { runOnHost: async () => UNREACHABLE });
    expect(answer).toMatchObject({ status: 3, stderr: expect.stringMatching(/no route/) });
    expect(await say(`kernel plan ${HOST} timewait=61`)).toMatchObject(refused(/5 to 60 s/));
  });
});
