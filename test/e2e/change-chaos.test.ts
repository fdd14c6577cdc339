/** Changes of real hosts while the worker is killed, at every step: once at most, and the card says what the host says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { must } from '#lab/command.ts';
import { BACK, type ChangeHosts, ON_TRIAL, openChangeHosts, type Truth } from '../bot/change-hosts.ts';
import { type Gate, putGate } from '../bot/gate.ts';
import type { ServeProcess } from '../bot/serve-process.ts';
import { expectEnd, expectKeptByWhoSaidSo, expectWholeRecord } from './change-ends.ts';

/** The helper starts, writes a value, and writes a file, with these. */
const [BEGINS, WRITES, FILES] = ['/usr/local/sbin/id', '/usr/local/sbin/dd', '/usr/local/sbin/sync'];
/** A check starts with this. */
const CHECKS = '/usr/local/bin/renice';
/** Many hosts at a time keep a machine busy. */
const LOOKING = { interval: 500 };
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let stage: ChangeHosts;
let bin: string;
let worker: ServeProcess;
/** Its helper hangs from the first of these tests to the last. */
const hangs = 'api-02';
let hanging: Gate;

beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'change-chaos-'));
  await here(`mkdir ${bin}/1 ${bin}/2`);
  stage = await openChangeHosts('chaos', 10);
  await stage.serve('slack,web');
  worker = await stage.serve('worker,web', {
    config: {
      inventory: { sshConfig: stage.lab.paths.sshConfig },
      ssh: { knownHosts: stage.lab.paths.knownHosts, agent: false, readyTimeout: '10s' },
    },
    env: { PATH: `${bin}/1:${bin}/2:${process.env['PATH']}` },
  });
});
afterAll(async () => {
  await stage?.close();
  await rm(bin, { recursive: true, force: true });
});

const here = (command: string, input = '') => must(['sh', '-c', command], { input });

const ends = (host: string, truth: Truth) => expectEnd(stage, host, truth);

describe('the worker is killed', () => {
  const [queued, taken, begins, cut, proves, keeps, reverts, undoes, untold] = [
    'web-01',
    'db-01',
    'api-01',
    'lb-01',
    'nat-01',
    'cache-01',
    'web-02',
    'db-02',
    'app-01',
  ] as const;
  let unbegun: Gate;

  beforeAll(async () => {
    await stage.propose([queued, taken, begins, cut, hangs, proves, keeps, reverts, undoes, untold]);
    const proof = await stage.gate(proves, CHECKS, 'before');
    await Promise.all([
      ...[keeps, reverts, untold].map(stage.trial),
      stage.kept(undoes).then(() => stage.takeBack(undoes)),
    ]);
    const gates = await Promise.all([
      stage.gate(cut, WRITES, 'after'),
      stage.gate(keeps, FILES, 'before'),
      stage.gate(reverts, WRITES, 'before'),
      stage.gate(undoes, WRITES, 'before'),
    ]);
    [unbegun, hanging] = await Promise.all([stage.gate(begins, BEGINS, 'before'), stage.gate(hangs, WRITES, 'before')]);
    await Promise.all([
      stage.approve(begins),
      stage.approve(proves),
      stage.approve(cut),
      stage.approve(hangs),
      stage.decide(keeps, 'keep'),
      stage.decide(reverts, 'revert'),
      stage.approve(undoes),
    ]);
    await Promise.all([proof, unbegun, hanging, ...gates].map(({ reached }) => reached()));
    // It has the tasks, and asks ssh how the hosts are reached, which is before anything is written anywhere.
    const asks = await Promise.all([
      putGate(here, { path: `${bin}/1/ssh`, real: `${bin}/2/ssh`, when: 'before', words: ` ${taken} ` }),
      putGate(here, { path: `${bin}/2/ssh`, when: 'before', words: ` ${untold} ` }),
    ]);
    await Promise.all([stage.approve(taken), stage.decide(untold, 'revert')]);
    await Promise.all(asks.map(({ reached }) => reached()));
    process.kill(worker.pid, 'SIGSTOP');
    await stage.approve(queued);
    await stage.untilCard(queued, 'approved, waiting to apply');
    await worker.kill();
    await stage.root(cut, 'ip link set eth0 down');
    await Promise.all([...asks, proof, ...gates].map(({ open }) => open()));
    worker = await stage.serve('worker,web', {
      config: { ssh: { knownHosts: stage.lab.paths.knownHosts, agent: false, readyTimeout: '10s' } },
    });
  });

  it('approved, before anybody took it: the next one applies it', () => ends(queued, ON_TRIAL));
  it('taken, before it was begun: the next one applies it', () => ends(taken, ON_TRIAL));
  it('while it is written, and the link is cut: unknown, until the host answers', async () => {
    await stage.untilCard(cut, 'outcome unknown');
    await stage.root(cut, 'ip link set eth0 up');
    await ends(cut, ON_TRIAL);
  });
  it('while it is proved: it is proved', async () => {
    await stage.untilTold(proves, 'cured');
    await ends(proves, ON_TRIAL);
  });
  it('while it is kept: it is kept, by who said so', () => expectKeptByWhoSaidSo(stage, keeps));
  it('while it is reverted: it is reverted', () => ends(reverts, BACK));
  it('before the host was told to revert: the next one tells it', () => ends(untold, BACK));
  it('while what was kept is taken back: it is, and the file says nothing', () => ends(undoes, BACK));
  it('before the helper began: it is said not to be applied, and never is', async () => {
    await stage.untilCard(begins, 'change failed; nothing was changed');
    await unbegun.open();
    await expect.poll(() => stage.root(begins, 'pgrep -f "helper 2 .* [a]pply" || :'), LOOKING).toBe('');
    expect(await stage.truth(begins)).toMatchObject({
      card: 'change failed; nothing was changed',
      live: '1',
      wrote: 0,
      file: '',
    });
  });
});

it('a write that hangs since its worker was killed: unknown, until it is written', async () => {
  await stage.untilCard(hangs, 'outcome unknown');
  expect(await stage.truth(hangs)).toMatchObject({ live: '1', wrote: 0, last: 'applying for 600 s' });
  await hanging.open();
  await ends(hangs, ON_TRIAL);
});

it('the record is whole', () => expectWholeRecord(stage));
