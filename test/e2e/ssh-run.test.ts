/** Every way a run on a real sshd can end, and what is left on the host when it does. */
import { getEventListeners } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '#domain/host.ts';
import { run } from '#lab/command.ts';
import { freePort } from '#lab/free-port.ts';
import { lives } from '#lab/lives.ts';
import { type LocalSshd, startSshd } from '#lab/local-sshd.ts';
import { hostsBy, knownHosts, openPool, script, TRANSPORTS, withPool } from '#lab/ssh-client.ts';
import type { Pool } from '#ssh/pool.ts';
import { remoteCommand } from '#ssh/remote-command.ts';

describe.each(TRANSPORTS)('over %s', (transport) => {
  const hostOf = hostsBy(transport);

  let sshd: LocalSshd;
  let host: Host;
  let known: string;
  let pool: Pool;

  beforeAll(async () => {
    sshd = await startSshd();
    host = hostOf(sshd);
    known = await knownHosts(sshd);
    pool = openPool({ knownHosts: [known] });
  });
  afterAll(async () => {
    await pool?.close();
    await sshd?.stop();
  });

  /** Seconds to sleep that no other run of this test asks for: processes are looked for on the whole machine. */
  function own(seconds: number): string {
    return `${seconds}.${process.pid}`;
  }

  /** Commands that run with these words; timeout(1) makes a process group of its own for its child. */
  function running(words: string): readonly string[] {
    return readdirSync('/proc').filter((entry) => {
      if (!/^\d+$/.test(entry) || !lives(Number(entry))) return false;
      return commandOf(entry).includes(`${words} `);
    });
  }

  function commandOf(pid: string): string {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  }

  /** Starts the script, whose output is process ids on one line, and gives them with the end. */
  async function pidsOf(text: string, limits: Parameters<typeof script>[1], act: (output: string) => void = () => {}) {
    let output = '';
    const onStdout = (part: string) => {
      output += part;
      act(output);
    };
    const result = await pool.run(host, script(text, { ...limits, onStdout }));
    const pids = (output.split('\n')[0] ?? '').trim().split(' ').map(Number);
    expect(pids.every((pid) => pid > 1)).toBe(true);
    return { result, pids };
  }

  describe('a run that ends by itself', () => {
    it('brings its exit status, both streams and their size', async () => {
      const result = await pool.run(host, script('echo out; echo err >&2; exit 3'));
      expect(result).toMatchObject({ kind: 'exited', code: 3, stdout: 'out\n', stderr: 'err\n', bytes: 8 });
      expect(result.milliseconds).toBeGreaterThan(0);
    });

    it('unpacks a packed script there, or sends it as it is where there is no gzip', async () => {
      // Only the plain one comes on stdin, and its shell has an argument.
      const text = '[ $# = 1 ] && echo plain || echo packed';
      const packed = { ...script(''), input: { kind: 'script', script: text, packed: true } } as const;
      expect(await pool.run(host, packed)).toMatchObject({ kind: 'exited', code: 0, stdout: 'packed\n' });

      const programs = await mkdtemp(join(tmpdir(), 'no-gzip-'));
      await symlink('/bin/sh', join(programs, 'sh'));
      const bare = await startSshd({ config: [`SetEnv PATH=${programs}`] });
      await withPool({ knownHosts: [await knownHosts(bare)] }, async (own) => {
        expect(await own.run(hostOf(bare), packed)).toMatchObject({ kind: 'exited', code: 0, stdout: 'plain\n' });
      });
      await bare.stop();
      await rm(programs, { recursive: true });
    });

    it('brings the signal that ended it', async () => {
      expect(await pool.run(host, script('kill -KILL $$'))).toMatchObject({ kind: 'signalled', signal: 'SIGKILL' });
    });

    it.each([
      [
        ['printf', '%s|', "it's", 'a b', '$HOME `id` "x" \\n!', '', '日本語', '-n', '*'],
        'it\'s|a b|$HOME `id` "x" \\n!||日本語|-n|*|',
      ],
      [['echo', 'plain-words/only'], 'plain-words/only\n'],
      [['printf', 'a\nb'], 'a\nb'],
    ] as const)('hands words over as they are: %j', async (argv, stdout) => {
      const result = await pool.run(host, { ...script(''), input: { kind: 'argv', argv } });
      expect(result).toMatchObject({ kind: 'exited', code: 0, stdout, stderr: '' });
    });

    it('feeds stdin, however much, past the window of the channel', async () => {
      const stdin = 'x'.repeat(5_000_000);
      const result = await pool.run(host, { ...script(''), input: { kind: 'argv', argv: ['wc', '-c'], stdin } });
      expect(result).toMatchObject({ kind: 'exited', stdout: '5000000\n' });
    });

    it('says 127 for a command that is not there', async () => {
      const result = await pool.run(host, { ...script(''), input: { kind: 'argv', argv: ['no-such-command'] } });
      expect(result).toMatchObject({ kind: 'exited', code: 127 });
    });

    it('never splits a character, wherever the packets are cut', async () => {
      const parts: string[] = [];
      // A busy machine may send several bytes in one packet.
      const bytewise = String.raw`for byte in '\303' '\244' '\346' '\227' '\245' '\360' '\237' '\222' '\245'; do printf "$byte"; sleep 0.02; done`;
      const result = await pool.run(host, script(bytewise, { onStdout: (text) => parts.push(text) }));
      expect(result.stdout).toBe('ä日💥');
      expect(parts.join('')).toBe('ä日💥');
      expect(parts.filter((part) => part === '' || part.includes('\ufffd'))).toEqual([]);
    });

    it('streams while it runs', async () => {
      const seen: [string, boolean][] = [];
      let ended = false;
      const heard = join(sshd.dir, 'heard');
      const onStdout = (text: string) => {
        seen.push([text, ended]);
        writeFileSync(heard, '');
      };
      const running = pool.run(
        host,
        script(`echo 1; until [ -e ${heard} ]; do sleep 0.02; done; echo 2`, { onStdout }),
      );
      await running.then(() => {
        ended = true;
      });
      expect(seen).toEqual([
        ['1\n', false],
        ['2\n', false],
      ]);
    });

    it('passes a throwing callback on to its caller, and lives on', async () => {
      const onStdout = () => {
        throw new Error('a bug of ours');
      };
      await expect(pool.run(host, script('echo x; sleep 20', { onStdout }))).rejects.toThrow('a bug of ours');
      expect(await pool.run(host, script('echo fine'))).toMatchObject({ kind: 'exited', stdout: 'fine\n' });
    });
  });

  describe('a run that is ended', () => {
    const FAMILY = `sleep ${own(300)} & timeout 300 sleep ${own(301)} & sh -c "trap : TERM; while :; do sleep 1; done" & echo $$ $!; wait`;

    it('at its deadline leaves no process behind, not even those that ignore being asked', async () => {
      // Long enough to have begun.
      const { result, pids } = await pidsOf(FAMILY, { deadlineMs: 3000 });
      expect(result).toMatchObject({ kind: 'timed-out' });
      expect(result).not.toHaveProperty('leftRunning');
      expect(pids.filter(lives)).toEqual([]);
      expect([300, 301].flatMap((seconds) => running(`sleep ${own(seconds)}`))).toEqual([]);
    });

    it('by its caller leaves no process behind, and no listener', async () => {
      const caller = new AbortController();
      const { result, pids } = await pidsOf('timeout 300 sleep 302 & echo $$ $!; wait', { signal: caller.signal }, () =>
        caller.abort(),
      );
      expect(result).toMatchObject({ kind: 'aborted' });
      expect(result).not.toHaveProperty('leftRunning');
      expect(pids.filter(lives)).toEqual([]);
      expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
    });

    it('before it began sends nothing', async () => {
      expect(await pool.run(host, script('echo x', { signal: AbortSignal.abort() }))).toMatchObject({
        kind: 'aborted',
        bytes: 0,
      });
    });

    it('for too much output keeps what fits, and leaves no process behind', async () => {
      const { result, pids } = await pidsOf('echo $$; yes', { maxBytes: 10_000 });
      expect(result).toMatchObject({ kind: 'too-much-output', bytes: 10_000 });
      expect(result.stdout).toHaveLength(10_000);
      expect(pids.filter(lives)).toEqual([]);
    });

    it('ends a command given as words, too', async () => {
      const result = await pool.run(host, {
        ...script('', { deadlineMs: 3000 }),
        input: { kind: 'argv', argv: ['sh', '-c', 'echo $$; sleep 300; :'] },
      });
      expect(result).toMatchObject({ kind: 'timed-out', stdout: expect.stringMatching(/^\d+\n$/) });
      expect(result).not.toHaveProperty('leftRunning');
      expect(lives(Number(result.stdout))).toBe(false);
    });
  });

  describe('a run that is ended as it begins', () => {
    let slow: LocalSshd;
    let home: string;
    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'slow-home-'));
      // As with a home on a slow disk: the shell is not through when somebody looks for what it has become.
      await writeFile(join(home, '.bashrc'), 'sleep 0.2\n');
      slow = await startSshd({ config: [`SetEnv HOME=${home}`] });
    });
    afterAll(async () => {
      await slow?.stop();
      await rm(home, { recursive: true });
    });

    it.each([1, 8, 24, 48, 150, 250])('after %i ms leaves no process behind', async (deadlineMs) => {
      await withPool({ knownHosts: [await knownHosts(slow)] }, async (first) => {
        const there = hostOf(slow);
        expect(await first.run(there, script('exit 0'))).toMatchObject({ kind: 'exited' });
        const words = own(3000 + deadlineMs);
        const input = { kind: 'argv', argv: ['sleep', words] } as const;
        const result = await first.run(there, { ...script('', { deadlineMs }), input });
        expect(result).toMatchObject({ kind: 'timed-out' });
        expect(result).not.toHaveProperty('leftRunning');
        expect(running(`sleep ${words}`)).toEqual([]);
      });
    });
  });

  describe('a connection that fails', () => {
    it('is lost when the sshd that serves it dies, and opened anew for the next run', async () => {
      await withPool({ knownHosts: [known] }, async (own) => {
        const before = new Set(await sshd.children());
        const running = own.run(host, script('echo begun; sleep 60', { onStdout: () => void cut() }));
        async function cut() {
          for (const pid of await sshd.children()) if (!before.has(pid)) process.kill(pid, 'SIGKILL');
        }
        expect(await running).toMatchObject({ kind: 'connection-lost', stdout: 'begun\n' });
        expect(await own.run(host, script('echo again'))).toMatchObject({ kind: 'exited', stdout: 'again\n' });
      });
    });

    it('is refused where nothing listens', async () => {
      const result = await pool.run(hostOf(sshd, { port: await freePort() }), script('echo x'));
      expect(result).toMatchObject({ kind: 'refused', why: 'nothing listens there (connection refused)', bytes: 0 });
    });

    it('is unreachable where something listens and never speaks', async () => {
      const silent = createServer(() => {});
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const address = silent.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      try {
        await withPool({ knownHosts: [known], readyTimeoutMs: 300 }, async (own) => {
          expect(await own.run(hostOf(sshd, { port }), script('x'))).toMatchObject({
            kind: 'unreachable',
            why: 'no SSH login within 0.3 s',
          });
          expect(await own.run(hostOf(sshd, { port }), script('x', { deadlineMs: 100 }))).toMatchObject({
            kind: 'timed-out',
          });
        });
      } finally {
        silent.close();
      }
    });

    it('is unreachable when its name means nothing', async () => {
      expect(await pool.run(hostOf(sshd, { address: 'no-such-host.invalid' }), script('x'))).toMatchObject({
        kind: 'unreachable',
      });
    });

    it('is lost where something hangs up at once', async () => {
      const rude = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
      const address = rude.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      try {
        expect(await pool.run(hostOf(sshd, { port }), script('x'))).toMatchObject({ kind: 'connection-lost' });
      } finally {
        rude.close();
      }
    });
  });

  describe('login shells', () => {
    const shells = ['/bin/dash', '/bin/bash', '/usr/bin/fish', '/bin/tcsh', '/usr/bin/zsh', '/bin/ksh'];
    it.each(shells.filter(existsSync))('%s runs the same line', async (shell) => {
      const argv = ['printf', '%s|', "it's", '!x', '\\n', '$HOME'] as const;
      const { line } = remoteCommand({ kind: 'argv', argv }, 'mark-1');
      const { stdout, stderr } = await run([shell, '-c', line]);
      expect(stdout).toBe("it's|!x|\\n|$HOME|");
      expect(stderr).toMatch(/^mark-1 \d+\n$/);
    });
  });
});
