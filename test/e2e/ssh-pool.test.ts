/** Connections that are shared, limited, kept, closed and opened again, and the way through jump hosts; on real sshds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '#domain/host.ts';
import { run } from '#lab/command.ts';
import { freePort } from '#lab/free-port.ts';
import { lives } from '#lab/lives.ts';
import { type LocalSshd, startSshd } from '#lab/local-sshd.ts';
import { hostsBy, knownHosts, script, TRANSPORTS, withPool } from '#lab/ssh-client.ts';

describe.each(TRANSPORTS)('over %s', (transport) => {
  const hostOf = hostsBy(transport);

  let sshd: LocalSshd;
  let host: Host;
  let known: string;

  beforeAll(async () => {
    sshd = await startSshd({ config: ['LogLevel VERBOSE'] });
    host = hostOf(sshd);
    known = await knownHosts(sshd);
  });
  afterAll(() => sshd?.stop());

  const logins = () => sshd.log().split('Accepted publickey').length - 1;

  /** The sshd ends its part a moment after the client. */
  const untilAllLeft = () => expect.poll(() => sshd.children()).toEqual([]);

  describe('a pool', () => {
    it('runs twenty at once over one connection, no more than its limit at a time', async () => {
      const before = logins();
      const dir = await mkdtemp(join(tmpdir(), 'tcp-oncall-pool-'));
      // Nobody leaves before a second one has come; each says how many are in.
      const text = `cd ${dir}; : >came.$$; : >in.$$
      i=0; while [ -z "$(ls came.* | sed 1d)" ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i+1)); done
      sleep 0.05; ls in.* | wc -l; rm in.$$`;
      try {
        await withPool({ knownHosts: [known], sessions: 3 }, async (pool) => {
          const runs = await Promise.all(
            Array.from({ length: 20 }, () => pool.run(host, script(text, { deadlineMs: 40_000 }))),
          );
          expect(runs.map(({ kind }) => kind)).toEqual(Array(20).fill('exited'));
          const most = Math.max(...runs.map(({ stdout }) => Number(stdout)));
          expect(most).toBeGreaterThan(1);
          expect(most).toBeLessThanOrEqual(3);
        });
      } finally {
        await rm(dir, { recursive: true });
      }
      expect(logins() - before).toBe(1);
    });

    it('asks for fewer sessions where the host allows fewer, and ends runs there over a connection of its own', async () => {
      const strict = await startSshd({ config: ['MaxSessions 1'] });
      try {
        await withPool({ knownHosts: [await knownHosts(strict)] }, async (pool) => {
          const runs = Array.from({ length: 4 }, () => pool.run(hostOf(strict), script('sleep 0.05; echo done')));
          expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(Array(4).fill('done\n'));
          const ended = await pool.run(hostOf(strict), script('echo $$; sleep 300', { deadlineMs: 600 }));
          expect(ended).toMatchObject({ kind: 'timed-out' });
          expect(ended).not.toHaveProperty('leftRunning');
        });
      } finally {
        await strict.stop();
      }
    });

    it('refuses where the host opens no session', async () => {
      const strict = await startSshd({ config: ['MaxSessions 0'] });
      try {
        await withPool({ knownHosts: [await knownHosts(strict)] }, async (pool) => {
          expect(await pool.run(hostOf(strict), script('echo'))).toMatchObject({
            kind: 'refused',
            why: 'it opens no session for commands',
          });
        });
      } finally {
        await strict.stop();
      }
    });

    it('closes a connection that nobody has used for a while, and opens another when one is wanted', async () => {
      const before = logins();
      await withPool({ knownHosts: [known], idleMs: 100 }, async (pool) => {
        await pool.run(host, script('echo'));
        await untilAllLeft();
        expect(await pool.run(host, script('echo back'))).toMatchObject({ kind: 'exited', stdout: 'back\n' });
      });
      expect(logins() - before).toBe(2);
    });

    it('opens another connection when the one it kept has died meanwhile', async () => {
      await withPool({ knownHosts: [known] }, async (pool) => {
        await pool.run(host, script('echo'));
        for (const pid of await sshd.children()) process.kill(pid, 'SIGKILL');
        expect(await pool.run(host, script('echo back'))).toMatchObject({ kind: 'exited', stdout: 'back\n' });
      });
    });

    it('tries again after a host that was down', async () => {
      const port = await freePort();
      await withPool({ knownHosts: [known] }, async (pool) => {
        expect(await pool.run(hostOf(sshd, { port }), script('echo'))).toMatchObject({ kind: 'refused' });
        const late = await startSshd({ port });
        try {
          expect(await pool.run(hostOf(late), script('echo'))).toMatchObject({ kind: 'host-key-unknown' });
        } finally {
          await late.stop();
        }
      });
    });

    it('ends every run, its processes and every connection when it is closed', async () => {
      let pid = 0;
      const result = await withPool({ knownHosts: [known] }, async (pool) => {
        let begun = () => {};
        const started = new Promise<void>((resolve) => {
          begun = resolve;
        });
        const onStdout = (text: string) => {
          pid = Number(text);
          begun();
        };
        const running = pool.run(host, script('echo $$; sleep 300', { onStdout }));
        await started;
        await pool.close();
        return running;
      });
      expect(result).toMatchObject({ kind: 'aborted' });
      expect(pid).toBeGreaterThan(1);
      expect(lives(pid)).toBe(false);
      await untilAllLeft();
    });

    it('closes although the host has frozen', async () => {
      await withPool({ knownHosts: [known] }, async (pool) => {
        await pool.run(host, script('echo'));
        const frozen = await sshd.children();
        for (const pid of frozen) process.kill(pid, 'SIGSTOP');
        const began = performance.now();
        await pool.close();
        // Not after the 20 s that a silent host is given.
        expect(performance.now() - began).toBeLessThan(10_000);
        for (const pid of frozen) process.kill(pid, 'SIGKILL');
        await untilAllLeft();
      });
    });

    it('lets the process end once it is closed', async () => {
      const program = `
      import { openPool } from '#lab/ssh-client.ts';
      const pool = openPool({ knownHosts: [${JSON.stringify(known)}] });
      const request = { input: { kind: 'argv', argv: ['echo', 'hello'] }, deadlineMs: 60000, maxBytes: 1000 };
      process.stdout.write((await pool.run(${JSON.stringify(host)}, request)).stdout);
      await pool.close();
    `;
      const node = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', program];
      expect(await run(node)).toMatchObject({ status: 0, stdout: 'hello\n' });
    });
  });

  describe('a jump host', () => {
    let bastion: LocalSshd;
    let both: string;
    const through = (gate: Host, changes: Partial<Pick<Host, 'port' | 'hostKeyAlias'>> = {}) =>
      hostOf(sshd, { name: 'inner', jump: [gate], ...changes });

    beforeAll(async () => {
      bastion = await startSshd();
      both = await knownHosts(bastion, [
        `[127.0.0.1]:${bastion.port} ${await bastion.hostKey()}`,
        `[127.0.0.1]:${sshd.port} ${await sshd.hostKey()}`,
      ]);
    });
    afterAll(() => bastion?.stop());

    it('is verified and passed through: by ssh2 over one connection, by ssh over one for each host', async () => {
      await withPool({ knownHosts: [both] }, async (pool) => {
        const gate = hostOf(bastion, { name: 'bastion' });
        const targets = [through(gate), through(gate, { hostKeyAlias: `[127.0.0.1]:${sshd.port}` })];
        const runs = targets.map((target) => pool.run(target, script('echo "$SSH_CONNECTION"')));
        for (const result of await Promise.all(runs)) {
          expect(result).toMatchObject({
            kind: 'exited',
            stdout: expect.stringMatching(new RegExp(`^127.0.0.1 \\d+ 127.0.0.1 ${sshd.port}\n$`)),
          });
        }
        const connections = transport === 'ssh2' ? 1 : targets.length;
        expect(await bastion.children()).toHaveLength(connections);
        expect(bastion.log().split('Accepted publickey').length - 1).toBe(connections);
      });
    });

    it('may stand behind another', async () => {
      await withPool({ knownHosts: [both] }, async (pool) => {
        const chain = [hostOf(bastion, { name: 'outer' }), hostOf(sshd, { name: 'middle' })];
        expect(await pool.run(hostOf(bastion, { name: 'last', jump: chain }), script('echo far'))).toMatchObject({
          stdout: 'far\n',
        });
      });
    });

    it('leads to another connection when the one it kept has died meanwhile', async () => {
      await withPool({ knownHosts: [both] }, async (pool) => {
        const target = through(hostOf(bastion, { name: 'bastion' }));
        await pool.run(target, script('echo'));
        for (const pid of await sshd.children()) process.kill(pid, 'SIGKILL');
        expect(await pool.run(target, script('echo back'))).toMatchObject({ kind: 'exited', stdout: 'back\n' });
      });
    });

    it('with another key than the known one is not passed through', async () => {
      const wrong = await knownHosts(bastion, [
        `[127.0.0.1]:${bastion.port} ${await sshd.hostKey()}`,
        `[127.0.0.1]:${sshd.port} ${await sshd.hostKey()}`,
      ]);
      const before = logins();
      await withPool({ knownHosts: [wrong] }, async (pool) => {
        const result = await pool.run(through(hostOf(bastion, { name: 'bastion' })), script('echo'));
        expect(result).toMatchObject({ kind: 'host-key-changed', hop: 'bastion', knownAt: `${wrong}:1` });
      });
      expect(logins()).toBe(before);
    });

    it('that is verified does not make the host behind it so', async () => {
      const half = await knownHosts(bastion);
      await withPool({ knownHosts: [half] }, async (pool) => {
        const result = await pool.run(through(hostOf(bastion, { name: 'bastion' })), script('echo'));
        expect(result).toMatchObject({ kind: 'host-key-unknown', hop: 'inner' });
      });
    });

    it('that cannot reach the host, or be reached, or forwards nothing, is named', async () => {
      const locked = await startSshd({ config: ['AllowTcpForwarding no'] });
      const known = await knownHosts(locked);
      try {
        await withPool({ knownHosts: [known, await knownHosts(bastion)] }, async (pool) => {
          const nowhere = await freePort();
          const gate = hostOf(bastion, { name: 'bastion' });
          expect(await pool.run(through(gate, { port: nowhere }), script('echo'))).toMatchObject({
            kind: 'refused',
            why: 'bastion cannot reach it (connection refused)',
          });
          expect(await pool.run(through({ ...gate, port: nowhere }), script('echo'))).toMatchObject({
            kind: 'refused',
            why: 'bastion: nothing listens there (connection refused)',
          });
          expect(await pool.run(through(hostOf(locked, { name: 'locked' })), script('echo'))).toMatchObject({
            kind: 'refused',
            why: 'locked does not forward connections',
          });
        });
      } finally {
        await locked.stop();
      }
    });
  });
});
