/** What is meant for a host with one certain key is run on no other; on two real sshds, one of which takes over the other's address. */
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '#domain/host.ts';
import { must } from '#lab/command.ts';
import { lives } from '#lab/lives.ts';
import { type LocalSshd, startSshd } from '#lab/local-sshd.ts';
import { hostsBy, knownHosts, script, TRANSPORTS, withPool } from '#lab/ssh-client.ts';

describe.each(TRANSPORTS)('over %s', (transport) => {
  const hostOf = hostsBy(transport);

  let first: LocalSshd;
  let second: LocalSshd;
  /** The address: a connection to it now reaches `holder`. */
  let address: Server;
  let holder: LocalSshd;
  let host: Host;
  let known: string;

  beforeEach(async () => {
    [first, second] = await Promise.all([startSshd({ config: ['MaxSessions 1'] }), startSshd()]);
    await second.authorize(first.identity);
    holder = first;
    address = createServer((socket) => {
      pipeline(socket, connect(holder.port, '127.0.0.1'), socket, () => {});
    });
    await new Promise<void>((resolve) => void address.listen(0, '127.0.0.1', resolve));
    const { port } = address.address() as AddressInfo;
    host = hostOf(first, { port });
    const keys = await Promise.all([first.hostKey(), second.hostKey()]);
    known = await knownHosts(
      first,
      keys.map((key) => `[127.0.0.1]:${port} ${key}`),
    );
  });
  afterEach(async () => {
    address?.close();
    await Promise.all([first?.stop(), second?.stop()]);
  });

  /** As `ssh-keygen -l` prints it. */
  async function fingerprintOf({ dir }: LocalSshd): Promise<string> {
    return (await must(['ssh-keygen', '-l', '-f', join(dir, 'host_ed25519.pub')])).split(' ')[1] ?? '';
  }

  describe('a command that asks for a key', () => {
    it('is run where that key is shown; with another one nothing is, over the connection that is open', async () => {
      const [shown, wanted] = [await fingerprintOf(first), await fingerprintOf(second)];
      const proof = join(first.dir, 'proof');
      await withPool({ knownHosts: [known] }, async (pool) => {
        const asking = (hostKey: string) => pool.run(host, script(`: >${proof}`, { hostKey }));
        expect(await pool.run(host, script('echo'))).toMatchObject({ kind: 'exited', hostKey: shown });
        expect(await asking(wanted)).toEqual({
          ...{ kind: 'host-key-other', hop: 'web-01', fingerprint: shown, wanted, hostKey: shown },
          ...{ stdout: '', stderr: '', bytes: 0, milliseconds: expect.any(Number) },
        });
        expect(existsSync(proof)).toBe(false);
        expect(await asking(shown)).toMatchObject({ kind: 'exited', hostKey: shown });
        expect(existsSync(proof)).toBe(true);
      });
      expect(first.log().split('Accepted publickey')).toHaveLength(2);
    });

    it('is not run on the host that has taken over the address of one that died', async () => {
      const shown = await fingerprintOf(first);
      const proof = join(first.dir, 'proof');
      await withPool({ knownHosts: [known] }, async (pool) => {
        expect(await pool.run(host, script('echo', { hostKey: shown }))).toMatchObject({ kind: 'exited' });
        holder = second;
        for (const pid of await first.children()) process.kill(pid, 'SIGKILL');
        expect(await pool.run(host, script(`: >${proof}`, { hostKey: shown }))).toMatchObject({
          kind: 'host-key-other',
        });
      });
      expect(existsSync(proof)).toBe(false);
    });
  });

  describe('a run that is stopped', () => {
    it('is not ended by its process id on the host that has taken over the address', async () => {
      const stop = new AbortController();
      let pid = 0;
      const onStdout = (text: string) => {
        pid = Number(text);
        holder = second;
        stop.abort();
      };
      await withPool({ knownHosts: [known] }, async (pool) => {
        const stopped = await pool.run(host, script('echo $$; exec sleep 300', { onStdout, signal: stop.signal }));
        expect(stopped).toMatchObject({
          kind: 'aborted',
          leftRunning: 'processes of this run may live on: no second session to end them',
        });
      });
      expect(lives(pid)).toBe(true);
      process.kill(pid, 'SIGKILL');
    });
  });
});
