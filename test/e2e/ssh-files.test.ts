/** Files between hosts over SFTP, on real sshds: carried in slices, cut off and gone on with, verified, refused. */
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Copied, CopyWanted, KnownHost } from '#app/ports.ts';
import { must } from '#lab/command.ts';
import { type LocalSshd, type SshdOptions, startSshd } from '#lab/local-sshd.ts';
import { hostsBy, knownHosts, script, TRANSPORTS, withPool } from '#lab/ssh-client.ts';
import { fingerprint } from '#ssh/host-key.ts';
import type { Pool } from '#ssh/pool.ts';

describe.each(TRANSPORTS)('over %s', (transport) => {
  const hostOf = hostsBy(transport);

  const MB = 1 << 20;

  let builder: LocalSshd;
  let target: LocalSshd;
  let turn = 0;
  /** Relative to both homes, another one for each test. */
  let dir: string;

  beforeAll(async () => {
    [builder, target] = await Promise.all([startSshd(), startSshd()]);
  });
  afterAll(async () => {
    await Promise.all([builder?.stop(), target?.stop()]);
  });
  beforeEach(() => {
    dir = `.tcp-oncall/kernel/job${++turn}`;
    mkdirSync(join(builder.dir, dir), { recursive: true });
  });

  interface Place {
    readonly sshd: LocalSshd;
    readonly path: string;
  }

  async function on(sshd: LocalSshd, name: string): Promise<KnownHost> {
    const [, key = ''] = (await sshd.hostKey()).split(' ');
    return { host: hostOf(sshd, { name }), hostKey: fingerprint(Buffer.from(key, 'base64')) };
  }

  const here = ({ sshd, path }: Place) => join(sshd.dir, path);
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

  /** A file on the builder. */
  function made(name: string, bytes: Buffer): Place {
    const place = { sshd: builder, path: `${dir}/${name}` };
    writeFileSync(here(place), bytes);
    return place;
  }

  const incoming = (name: string, sshd = target): Place => ({ sshd, path: `${dir}/in/${name}` });

  async function inPool<T>(sshds: readonly LocalSshd[], use: (pool: Pool) => Promise<T>): Promise<T> {
    const files = await Promise.all(sshds.map((sshd) => knownHosts(sshd)));
    return withPool({ knownHosts: files }, use);
  }

  interface Changes extends Partial<Omit<CopyWanted, 'file'>> {
    readonly mostBytes?: number;
  }

  async function wanted(
    from: Place,
    to: Place,
    { mostBytes = 64 * MB, ...changes }: Changes = {},
  ): Promise<CopyWanted> {
    const hash = existsSync(here(from)) && statSync(here(from)).isFile() ? sha256(readFileSync(here(from))) : '';
    const file = { from: from.path, to: to.path, sha256: hash, mostBytes };
    const [builder, target] = await Promise.all([on(from.sshd, 'builder-01'), on(to.sshd, 'web-01')]);
    return { from: builder, to: target, file, budgetMs: 60_000, ...changes };
  }

  async function copied(from: Place, to: Place, changes: Changes = {}): Promise<Copied> {
    const copy = await wanted(from, to, changes);
    return inPool([from.sshd, to.sshd], (pool) => pool.copy(copy));
  }

  describe('a copy', () => {
    it('arrives whole and for the account alone, under any name, and is not carried again', async () => {
      for (const name of ["linux image ~1+日本語 'x' $HOME.deb", '-rf', 'empty']) {
        const from = made(name, name === 'empty' ? Buffer.alloc(0) : randomBytes(3 * MB + 17));
        const to = incoming(name);
        expect(await copied(from, to)).toEqual({ kind: 'copied' });
        expect(readFileSync(here(to)).equals(readFileSync(here(from)))).toBe(true);
        expect(statSync(here(to)).mode & 0o777).toBe(0o600);
        expect(statSync(join(target.dir, dir)).mode & 0o777).toBe(0o700);
        expect(existsSync(`${here(to)}.part`)).toBe(false);
        const again = await wanted(from, to);
        writeFileSync(here(from), 'what is there already is not fetched');
        expect(await inPool([builder, target], (pool) => pool.copy(again))).toEqual({ kind: 'copied' });
      }
    });

    it('is carried in slices where its budget is short', async () => {
      const from = made('image.deb', randomBytes(1 * MB));
      const to = incoming('image.deb');
      await inPool([builder, target], async (pool) => {
        const ends: Copied[] = [];
        const slice = await wanted(from, to, { budgetMs: 0 });
        do ends.push(await pool.copy(slice));
        while (ends.at(-1)?.kind === 'under-way');
        expect(ends.at(-1)).toEqual({ kind: 'copied' });
        expect(ends.length).toBeGreaterThan(10);
        expect(ends[0]).toMatchObject({ kind: 'under-way', of: MB });
      });
    });

    it.each(['builder', 'target'] as const)('goes on where it was when the %s was cut off', async (whose) => {
      const from = made('image.deb', randomBytes(16 * MB));
      const to = incoming('image.deb');
      const sshd = whose === 'builder' ? builder : target;
      let killed = false;
      const cut = await copied(from, to, {
        onProgress: (bytes) => {
          if (bytes < 4 * MB || killed) return;
          killed = true;
          void sshd.children().then((pids) => pids.forEach((pid) => void process.kill(pid, 'SIGKILL')));
        },
      });
      expect(cut).toEqual({
        kind: 'away',
        host: whose === 'builder' ? 'builder-01' : 'web-01',
        why: 'connection-lost',
      });
      const have = statSync(`${here(to)}.part`).size;
      expect(have).toBeGreaterThanOrEqual(4 * MB);
      const at: number[] = [];
      expect(await copied(from, to, { onProgress: (bytes) => at.push(bytes) })).toEqual({ kind: 'copied' });
      expect(at[0]).toBeGreaterThan(have);
    });

    it('ends at once when it is not wanted any more, and when the pool is closed', async () => {
      const from = made('image.deb', randomBytes(32 * MB));
      const to = incoming('image.deb');
      const giveUp = new AbortController();
      const onProgress = () => giveUp.abort();
      expect(await copied(from, to, { signal: giveUp.signal, onProgress })).toMatchObject({
        kind: 'away',
        why: 'aborted',
      });
      const rest = await wanted(from, to);
      const ended = await inPool([builder, target], (pool) =>
        pool.copy({ ...rest, onProgress: () => void pool.close() }),
      );
      expect(ended).toMatchObject({ kind: 'away', why: 'aborted' });
    });

    it('with another hash is refused and deleted, the finished one too', async () => {
      const from = made('image.deb', randomBytes(MB));
      const to = incoming('image.deb');
      const refusal = { kind: 'failed', failure: { code: 'file-hash', detail: `web-01:${to.path}` } };
      mkdirSync(join(here(to), '..'), { recursive: true });
      writeFileSync(here(to), 'of another build');
      writeFileSync(`${here(to)}.part`, randomBytes(1000));
      expect(await copied(from, to)).toEqual(refusal);
      expect([existsSync(here(to)), existsSync(`${here(to)}.part`)]).toEqual([false, false]);
      expect(await copied(from, to)).toEqual({ kind: 'copied' });
    });

    it('starts over where the part is larger than the file', async () => {
      const from = made('image.deb', randomBytes(1000));
      const to = incoming('image.deb');
      mkdirSync(join(here(to), '..'), { recursive: true });
      writeFileSync(`${here(to)}.part`, randomBytes(1001));
      expect(await copied(from, to)).toEqual({ kind: 'copied' });
    });

    it('of a file that shrinks meanwhile is refused', async () => {
      const from = made('image.deb', randomBytes(16 * MB));
      const onProgress = (bytes: number) => bytes > MB && truncateSync(here(from), 2 * MB);
      expect(await copied(from, incoming('image.deb'), { onProgress })).toMatchObject({
        failure: { code: 'file-read', detail: `builder-01:${from.path}` },
      });
    });

    it('stays on one host over one session where the host is both', async () => {
      const strict = await startSshd({ config: ['MaxSessions 1'] });
      try {
        writeFileSync(join(strict.dir, 'a'), randomBytes(MB));
        const [from, to] = ['a', 'b'].map((path) => ({ sshd: strict, path })) as [Place, Place];
        const copy = await wanted(from, to);
        expect(await inPool([strict], (pool) => pool.copy({ ...copy, from: copy.to }))).toEqual({ kind: 'copied' });
      } finally {
        await strict.stop();
      }
    });
  });

  describe('a host that has stopped', () => {
    it.each(['builder', 'target'] as const)('as the %s is given up at once', async (whose) => {
      const sshd = whose === 'builder' ? builder : target;
      const giveUp = new AbortController();
      const copy = await wanted(made('x', randomBytes(100)), incoming('x'), { signal: giveUp.signal });
      await inPool([builder, target], async (pool) => {
        await pool.run(copy[whose === 'builder' ? 'from' : 'to'].host, script('echo'));
        const frozen = await sshd.children();
        for (const pid of frozen) process.kill(pid, 'SIGSTOP');
        setTimeout(() => giveUp.abort(), 200);
        expect(await pool.copy(copy)).toMatchObject({ kind: 'away', why: 'aborted' });
        for (const pid of frozen) process.kill(pid, 'SIGKILL');
      });
    });
  });

  describe('a file is refused', () => {
    it('where there is none, none that is a file, none that may be read, or too much of it', async () => {
      const to = incoming('x');
      const from = made('file', randomBytes(100));
      const refusal = (code: string, { path }: Place) => ({
        kind: 'failed',
        failure: { code, detail: `builder-01:${path}` },
      });
      const missing = { sshd: builder, path: `${dir}/none` };
      expect(await copied(missing, to)).toEqual(refusal('file-absent', missing));
      await must(['mkfifo', join(builder.dir, dir, 'pipe')]);
      const pipe = { sshd: builder, path: `${dir}/pipe` };
      expect(await copied(pipe, to)).toEqual(refusal('file-kind', pipe));
      expect(await copied(from, to, { mostBytes: 99 })).toEqual(refusal('file-size', from));
      expect(existsSync(`${here(to)}.part`)).toBe(false);
    });

    it.each(['part', 'file', 'directory'])('where the %s on the target is a link or something else', async (what) => {
      const from = made('x', randomBytes(100));
      const to = incoming('x');
      const victim = join(target.dir, dir, 'victim');
      mkdirSync(join(here(to), '..'), { recursive: true });
      writeFileSync(victim, 'mine');
      if (what === 'part') symlinkSync(victim, `${here(to)}.part`);
      if (what === 'file') symlinkSync(victim, here(to));
      if (what === 'directory') mkdirSync(here(to));
      expect(await copied(from, to)).toMatchObject({ failure: { code: 'file-kind' } });
      expect(readFileSync(victim, 'utf8')).toBe('mine');
    });

    it('where the target cannot write it, and nothing of it is left there', async () => {
      const from = made('x', randomBytes(100));
      const to = incoming('x');
      writeFileSync(join(target.dir, dir), 'a file where a directory must be');
      expect(await copied(from, to)).toMatchObject({ kind: 'failed', failure: { code: 'file-write' } });
    });

    it('where the disk of the target is full, and does not keep it full', async () => {
      const from = made('x', randomBytes(4 * MB));
      const to = incoming('x');
      mkdirSync(join(here(to), '..'), { recursive: true });
      await must(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', join(here(to), '..')]);
      try {
        expect(await copied(from, to)).toEqual({
          kind: 'failed',
          failure: { code: 'file-write', detail: `web-01:${to.path}.part` },
        });
        expect(readdirSync(join(here(to), '..'))).toEqual([]);
      } finally {
        await must(['umount', join(here(to), '..')]);
      }
    });

    it('by a path that leads out of where it should be', async () => {
      const from = made('x', randomBytes(100));
      const refusal = { kind: 'failed', failure: { code: 'file-path', detail: 'web-01' } };
      for (const path of ['../x', 'a/../../x', '/a/../etc', 'a\nb'])
        expect(await copied(from, { sshd: target, path })).toEqual(refusal);
    });

    it.each<[string, SshdOptions]>([
      ['has no subsystem for it', { sftp: null }],
      ['has one that is not installed', { sftp: '/no/such/sftp-server' }],
      ['says something else first', { sftp: '/bin/sh -c "echo Welcome to this host; exec cat"' }],
      ['opens no session', { config: ['MaxSessions 0'] }],
    ])('by a host that %s', async (_, options) => {
      const bare = await startSshd(options);
      try {
        const from = made('x', randomBytes(100));
        expect(await copied(from, incoming('x', bare))).toEqual({
          kind: 'failed',
          failure: { code: 'no-sftp', detail: 'web-01' },
        });
      } finally {
        await bare.stop();
      }
    });

    it('by the key of its host', async () => {
      const from = made('x', randomBytes(100));
      const to = incoming('x');
      const copy = await wanted(from, to);
      const other = { ...copy, from: { ...copy.from, hostKey: 'SHA256:other' } };
      expect(await inPool([builder, target], (pool) => pool.copy(other))).toEqual({
        kind: 'failed',
        failure: { code: 'host-key-other', detail: 'builder-01' },
      });
      expect(existsSync(here(to))).toBe(false);
    });
  });

  describe('reading', () => {
    const reading = async ({ sshd, path }: Place, mostBytes: number) => ({
      ...(await on(sshd, 'builder-01')),
      path,
      mostBytes,
    });

    it('brings a whole file, and one that looks empty, but no more than is wanted', async () => {
      const bytes = randomBytes(MB + 1);
      const file = made('log', bytes);
      await inPool([builder], async (pool) => {
        const whole = await pool.read(await reading(file, MB + 1));
        expect(whole.kind === 'read' && whole.bytes.equals(bytes)).toBe(true);
        expect(await pool.read(await reading(file, MB))).toMatchObject({ failure: { code: 'file-size' } });
        const release = { sshd: builder, path: '/proc/sys/kernel/osrelease' };
        const text = readFileSync('/proc/sys/kernel/osrelease');
        expect(await pool.read(await reading(release, 1000))).toEqual({ kind: 'read', bytes: text });
        expect(await pool.read(await reading(release, 2))).toMatchObject({ failure: { code: 'file-size' } });
        const device = { sshd: builder, path: '/dev/zero' };
        expect(await pool.read(await reading(device, 10))).toMatchObject({ failure: { code: 'file-kind' } });
      });
    });

    it('takes a new connection where the one that was kept has died', async () => {
      const log = await reading(made('log', randomBytes(10)), 10);
      await inPool([builder], async (pool) => {
        await pool.read(log);
        for (const pid of await builder.children()) process.kill(pid, 'SIGKILL');
        expect(await pool.read(log)).toMatchObject({ kind: 'read' });
      });
    });
  });
});
