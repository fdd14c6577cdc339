/** Work that takes long, or has to wait for its hosts, over a real Redis. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deny, withdraw } from '#app/deny.ts';
import { wish } from '#app/wish.ts';
import type { Change, ChangeId } from '#domain/change.ts';
import { keyOf } from '#store/keys.ts';
import { UNREACHABLE } from '../bot/command-results.ts';
import { deciderOf, planOf, KIND as SYSCTL_KIND } from '../bot/example-change.ts';
import { ARTEFACT, answered, BUILDER, LONG_KIND, type LongWork, openLongWork, TARGET } from '../bot/long-work.ts';
import { openRedisPlace } from './redis-place.ts';

let place: Awaited<ReturnType<typeof openRedisPlace>>;
let work: LongWork;

beforeAll(async () => {
  place = await openRedisPlace();
});
afterAll(() => place?.close());
beforeEach(async () => {
  work = await openLongWork(place.redis);
});

const stateOf = async (id: ChangeId) => (await work.now(id)).state;
const SILENT = UNREACHABLE;

/** The hosts do what they are told: each verb is answered by this. */
function hostsSay(words: Readonly<Record<string, string>>): void {
  work.says = (_host, verb) => answered(words[verb] ?? 'state none');
}

async function building(): Promise<ChangeId> {
  const id = await work.asked();
  hostsSay({ build: 'state building 1/3', status: 'state building 1/3', settle: 'state building 1/3' });
  await work.approves(id);
  await work.round();
  expect(await stateOf(id)).toMatchObject({ kind: 'working', running: true });
  return id;
}

/** Asked again until it is done. */
async function built(): Promise<ChangeId> {
  const id = await building();
  hostsSay({ settle: `state built ${ARTEFACT}` });
  work.pass(1);
  await work.round();
  return id;
}

describe('approved work whose host does not answer', () => {
  beforeEach(() => {
    work.says = () => SILENT;
  });

  it('waits for it past the expiry of its approval, and says so once; then it begins', async () => {
    const id = await work.asked();
    await work.approves(id);
    await work.round();
    expect(await stateOf(id)).toMatchObject({ kind: 'queued', away: BUILDER, holder: null });
    const before = await work.records();
    for (let hour = 0; hour < 24; hour++) {
      work.pass(60);
      await work.round();
    }
    expect([await work.records(), work.told]).toEqual([before, []]);
    hostsSay({ build: 'state building 0/3' });
    work.pass(1);
    await work.round();
    expect(await stateOf(id)).toMatchObject({ kind: 'working', running: true });
    expect(work.told).toEqual([`${BUILDER} build`]);
  });

  it('expires when it has waited for a day, and not before', async () => {
    const id = await work.asked();
    await work.approves(id);
    work.pass(24 * 60 + 29);
    await work.round();
    expect((await stateOf(id)).kind).toBe('queued');
    work.pass(1);
    await work.round();
    expect(await stateOf(id)).toMatchObject({ kind: 'ended', end: { how: 'expired' } });
  });

  it('can be called off meanwhile, by those who may', async () => {
    const one = await work.asked();
    await work.approves(one);
    await work.round();
    const tools = work.tools;
    expect(await withdraw(one, deciderOf('U0CAROL'), tools)).toMatchObject({ why: 'not-yours' });
    expect(await deny(one, deciderOf('U0EVE'), '', tools)).toMatchObject({ why: 'not-approver' });
    expect(await withdraw(one, deciderOf('U0ALICE'), tools)).toMatchObject({ kind: 'done' });
    expect(await stateOf(one)).toMatchObject({ end: { how: 'withdrawn' } });
  });

  it('is approved no more when the gate has expired', async () => {
    const id = await work.asked();
    work.pass(31);
    expect(await work.approves(id)).toMatchObject({ why: 'expired' });
  });
});

it('an order that never reached its host is given again, by the same approval', async () => {
  const id = await work.asked();
  await work.approves(id);
  work.says = (_host, verb) => (verb === 'probe' ? answered() : SILENT);
  await work.round();
  expect(await stateOf(id)).toMatchObject({ kind: 'queued', away: BUILDER });
  // Its worker was killed before the order was given, or the host has lost it.
  work.says = (_host, verb) => (verb === 'probe' ? answered() : { ...SILENT, kind: 'timed-out' });
  work.pass(1);
  await work.round();
  expect((await stateOf(id)).kind).toBe('unclear');
  hostsSay({ build: 'state building 0/3', settle: 'state building 0/3' });
  await work.round();
  expect(await stateOf(id)).toMatchObject({ kind: 'working', running: true });
});

describe('an order that its host has never heard of', () => {
  /** Said where four-gates would say that it never will be begun. */
  async function lostOrder(): Promise<ChangeId> {
    const id = await work.asked();
    work.says = (_host, verb) => (verb === 'probe' ? answered() : { ...SILENT, kind: 'timed-out' });
    await work.approves(id);
    await work.round();
    hostsSay({ build: 'state building 0/3', settle: 'state unheard-of', cancel: 'state unheard-of' });
    await work.round();
    return id;
  }

  it('is given again, by the same approval, when it can be on its way no more', async () => {
    const id = await lostOrder();
    expect((await stateOf(id)).kind).toBe('unclear');
    work.pass(11);
    await work.round();
    expect((await stateOf(id)).kind).toBe('queued');
    await work.round();
    expect(await stateOf(id)).toMatchObject({ kind: 'working', running: true });
    expect(work.told.filter((told) => told.endsWith(' build')).length).toBe(2);
  });

  it('ends the change where the host, told again, does not begin it', async () => {
    const id = await work.asked();
    work.says = () => answered('state unheard-of');
    await work.approves(id);
    await work.round();
    expect(await stateOf(id)).toMatchObject({ end: { how: 'failed', failure: { code: 'never-begun' } } });
  });

  it('ends the change when it was to be cancelled', async () => {
    const id = await work.asked();
    work.says = () => answered('state building 0/3');
    await work.approves(id);
    await work.round();
    await wish(id, 'cancel', deciderOf('U0BOB'), work.tools);
    hostsSay({ cancel: 'state unheard-of' });
    await work.round();
    expect(await stateOf(id)).toMatchObject({ end: { how: 'failed', failure: { code: 'cancelled' } } });
  });
});

describe('work that its host is at', () => {
  it('goes on there while the host is silent, in no record, and is unclear after the time of its gate', async () => {
    const id = await building();
    const [before, { line }] = [await work.records(), await work.store.changes.progressOf(await work.now(id))];
    work.says = () => SILENT;
    const since = new Date(work.tools.now().getTime() + 6_000);
    for (let seconds = 0; seconds < 114; seconds += 6) {
      work.pass(0.1);
      await work.round();
    }
    expect(await work.store.changes.progressOf(await work.now(id))).toEqual({ line, silentSince: since });
    expect([(await stateOf(id)).kind, await work.records()]).toEqual(['working', before]);
    hostsSay({ settle: 'state building 2/3' });
    work.pass(0.1);
    await work.round();
    expect(await work.store.changes.progressOf(await work.now(id))).toEqual({ line: '2/3', silentSince: null });
    work.says = () => SILENT;
    for (const minutes of [0.1, 2]) {
      work.pass(minutes);
      await work.round();
    }
    expect((await stateOf(id)).kind).toBe('unclear');
  });

  it('keeps its host to itself as long as something is heard of it', async () => {
    await building();
    const lock = keyOf('host', BUILDER, 'change');
    await place.redis.pexpire(lock, 60_000);
    work.pass(0.1);
    await work.round();
    expect(await place.redis.pttl(lock)).toBeGreaterThan(3_600_000);
  });

  it('is asked by one worker at a time', async () => {
    const id = await building();
    work.pass(1);
    const told = work.told.length;
    await work.store.changes.alone(id, () => work.round());
    expect(work.told.length).toBe(told);
  });

  it('is ended by those who may revert, and what it left is kept', async () => {
    const id = await building();
    expect(await wish(id, 'cancel', deciderOf('U0BOB'), work.tools)).toMatchObject({ kind: 'done' });
    work.reads = () => ({ kind: 'read', bytes: Buffer.from('cc -c a.c\nterminated\n') });
    hostsSay({ cancel: 'state undone person' });
    await work.round();
    expect(await stateOf(id)).toMatchObject({ kind: 'ended', end: { how: 'undone' } });
    expect(String(await work.store.changes.fileOf(id, 'build.log'))).toContain('terminated');
  });
});

describe('what its kind wants kept', () => {
  it('is there when the change says that the work is done', async () => {
    work.reads = (host, path) => ({ kind: 'read', bytes: Buffer.from(`${host} ${path}`) });
    const id = await built();
    expect(await stateOf(id)).toMatchObject({ kind: 'waiting', gate: 1 });
    const [file] = await work.store.changes.filesOf(id);
    expect(file).toMatchObject({ kind: 'kept', name: 'build.log', bytes: 18 });
    expect(String(await work.store.changes.fileOf(id, 'build.log'))).toBe(`${BUILDER} built/log`);
  });

  it('is said to be missing where it could not be fetched, and the work is done all the same', async () => {
    work.reads = (host) => ({ kind: 'away', host, why: 'unreachable' });
    const id = await built();
    expect(await stateOf(id)).toMatchObject({ kind: 'waiting', gate: 1 });
    expect(await work.store.changes.filesOf(id)).toMatchObject([{ kind: 'missed', why: `unreachable ${BUILDER}` }]);
  });
});

describe('files that work needs', () => {
  const PACKAGE = { from: 'built/image.deb', to: 'to-install/image.deb', sha256: 'c'.repeat(64), mostBytes: 3_000_000 };
  const MANIFEST = `x\t1\nfile\t${PACKAGE.sha256}\t${PACKAGE.mostBytes}\timage.deb\nend\n`;

  async function toInstall(): Promise<ChangeId> {
    const id = await built();
    work.reads = () => ({ kind: 'read', bytes: Buffer.from(MANIFEST) });
    hostsSay({ install: `state installed ${ARTEFACT}` });
    await work.approves(id);
    return id;
  }

  it('are on its host before it is told, a portion at a time, from the host that made them', async () => {
    const id = await toInstall();
    const before = await work.records();
    let bytes = 0;
    const copied: string[] = [];
    work.copies = ({ from, to, file }) => {
      copied.push(`${from.host.name} ${from.hostKey} ${file.from} -> ${to.host.name} ${to.hostKey} ${file.to}`);
      if (file.to !== PACKAGE.to) return { kind: 'copied' };
      expect(file).toEqual(PACKAGE);
      bytes += 1_000_000;
      return bytes < PACKAGE.mostBytes ? { kind: 'under-way', bytes, of: PACKAGE.mostBytes } : { kind: 'copied' };
    };
    await work.round();
    expect(await stateOf(id)).toMatchObject({ kind: 'queued', gate: 1 });
    expect((await work.store.changes.progressOf(await work.now(id))).line).toBe('copied 1000000/3000000');
    expect(await work.store.changes.lockOf(TARGET)).toBeUndefined();
    for (const minutes of [0.2, 0.2]) {
      work.pass(minutes);
      await work.round();
    }
    expect(await stateOf(id)).toMatchObject({ kind: 'waiting', gate: 2 });
    expect(work.told.filter((told) => told.startsWith(TARGET))).toEqual([`${TARGET} install`]);
    expect(await work.records()).toBe(before + 2);
    expect(new Set(copied)).toEqual(
      new Set([
        `${BUILDER} SHA256:${BUILDER} built/manifest -> ${TARGET} SHA256:${TARGET} to-install/manifest`,
        `${BUILDER} SHA256:${BUILDER} ${PACKAGE.from} -> ${TARGET} SHA256:${TARGET} ${PACKAGE.to}`,
      ]),
    );
  });

  it('are waited for where their host is away, and end the change where they are not what was approved', async () => {
    const id = await toInstall();
    work.copies = ({ from }) => ({ kind: 'away', host: from.host.name, why: 'unreachable' });
    await work.round();
    expect(await stateOf(id)).toMatchObject({ kind: 'queued', away: BUILDER });
    work.copies = () => ({ kind: 'failed', failure: { code: 'wrong-hash', detail: 'manifest' } });
    work.pass(1);
    await work.round();
    expect(await stateOf(id)).toMatchObject({ end: { how: 'failed', failure: { code: 'wrong-hash' } } });
    expect(work.told.filter((told) => told.startsWith(TARGET))).toEqual([]);
  });

  it('end the change where the manifest names what is no file of ours', async () => {
    const id = await toInstall();
    work.reads = () => ({ kind: 'read', bytes: Buffer.from(`file\t${PACKAGE.sha256}\t1\t../../etc/passwd\n`) });
    await work.round();
    expect(await stateOf(id)).toMatchObject({ end: { how: 'failed', failure: { code: 'bad-manifest' } } });
  });
});

describe('a host', () => {
  it('is free for other changes while a change only waits for people', async () => {
    const id = await built();
    expect(await stateOf(id)).toMatchObject({ kind: 'waiting', gate: 1, reverts: null });
    expect(await work.asks(SYSCTL_KIND, planOf())).toMatchObject({ kind: 'proposed' });
    expect((await stateOf(id)).kind).toBe('waiting');
  });

  it('that builds for another is busy for what would begin at once, and builds queue for it', async () => {
    await building();
    expect(await work.asks(SYSCTL_KIND, planOf({ host: BUILDER }))).toMatchObject({ why: 'host-busy' });
    const second = await work.asked();
    hostsSay({});
    await work.approves(second);
    await work.round();
    expect(await stateOf(second)).toMatchObject({ kind: 'queued', holder: expect.stringMatching(/^[a-z2-7]{8}$/) });
  });

  it('has one open proposal of each kind', async () => {
    const kernel = await work.asked();
    const sysctl = await work.asks(SYSCTL_KIND, planOf());
    expect(((await stateOf(kernel)) as { kind: string }).kind).toBe('waiting');
    work.pass(1);
    await work.asked();
    expect(await stateOf(kernel)).toMatchObject({ end: { how: 'superseded' } });
    expect(sysctl.kind === 'refused' || (await stateOf(sysctl.change.id)).kind).toBe('waiting');
  });
});

it('the requester approves none of the gates, and the whole is at most thirty records', async () => {
  const id = await work.asked();
  const answers = {
    build: 'state building 1/3',
    settle: `state built ${ARTEFACT}`,
    install: `state installed ${ARTEFACT}`,
    boot: `state trial 600 ${ARTEFACT}`,
    keep: `state kept ${ARTEFACT}`,
  };
  work.reads = () => ({ kind: 'read', bytes: Buffer.from(`file\t${'c'.repeat(64)}\t1\tx.deb\n`) });
  const stages: string[] = [];
  for (const _gate of ['build', 'install', 'boot', 'keep']) {
    stages.push(nameOfGate(await work.now(id)));
    expect(await work.approves(id, 'U0ALICE')).toMatchObject({ why: 'own-change' });
    expect(await work.approves(id)).toMatchObject({ kind: 'done' });
    hostsSay(answers);
    for (let rounds = 0; rounds < 3; rounds++) {
      await work.round();
      work.pass(0.2);
    }
  }
  expect(stages).toEqual(['build', 'install', 'boot', 'keep']);
  expect(await stateOf(id)).toMatchObject({ kind: 'ended', end: { how: 'done' } });
  expect(await work.records()).toBeLessThanOrEqual(30);
});

function nameOfGate({ state, gates }: Change): string {
  return state.kind === 'waiting' ? (gates[state.gate]?.name ?? '') : state.kind;
}

describe('one host in two roles', () => {
  const own = { host: BUILDER, builder: BUILDER, risk: 'high', what: 'hello-2.0' } as const;

  it('is refused unless the rule allows it, also when the work would begin', async () => {
    expect(await work.asks(LONG_KIND, own)).toMatchObject({ kind: 'refused', why: 'own-builder' });
    work = await openLongWork(place.redis, { ownBuilder: true });
    const proposed = await work.asks(LONG_KIND, own);
    if (proposed.kind === 'refused') throw new Error(proposed.why);
    const { id } = proposed.change;
    await work.approves(id);
    Object.assign(work.tools.policy.rules[0] as object, { ownBuilder: false });
    await work.round();
    expect(await stateOf(id)).toMatchObject({ end: { how: 'failed', failure: { code: 'own-builder' } } });
  });
});
