/** An inventory of many names for one SSH server that answers with recorded sections: what the hosts cost is taken out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeKey, publicHalf } from '#lab/local-sshd.ts';

const SERVER = fileURLToPath(new URL('recorded-host.ts', import.meta.url));

export interface RecordedHosts {
  readonly names: readonly string[];
  /** A tcp-oncall.yaml with all of them. */
  readonly config: string;
  readonly stop: () => Promise<void>;
}

export async function startRecordedHosts(count: number): Promise<RecordedHosts> {
  const dir = await mkdtemp(join(tmpdir(), 'recorded-hosts-'));
  const [hostKey, identity] = [join(dir, 'host_key'), join(dir, 'id_ed25519')];
  await Promise.all([makeKey(hostKey), makeKey(identity)]);
  const child = spawn(process.execPath, ['--import', 'tsx', SERVER, hostKey], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await portOf(child);
  const names = Array.from({ length: count }, (_, index) => `rec-${String(index).padStart(3, '0')}`);
  const hosts = names.map(
    (name) =>
      `  ${name}: { address: 127.0.0.1, port: ${port}, user: rec, identityFile: ./id_ed25519, hostKeyAlias: ${name} }`,
  );
  const key = await publicHalf(hostKey);
  await writeFile(join(dir, 'known_hosts'), names.map((name) => `[${name}]:${port} ${key}\n${name} ${key}\n`).join(''));
  const config = join(dir, 'tcp-oncall.yaml');
  await writeFile(config, `hosts:\n${hosts.join('\n')}\nssh: { knownHosts: ./known_hosts, agent: false }\n`);
  return {
    names,
    config,
    async stop() {
      child.stdin?.end();
      await once(child, 'close');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('The recorded hosts have no output.');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return (JSON.parse(line.toString()) as { port: number }).port;
}
