/** The program against real hosts over real SSH: what it finds, and each way a host can turn out not to be checkable. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFault } from '#lab/fault-catalogue.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { cli } from './cli-process.ts';

const SCHEMA = fileURLToPath(new URL('../../docs/report.schema.json', import.meta.url));
/** The lab's login account. */
const OPS = 2001;
const FAULT = 'ephemeral-port-exhaustion-per-destination/crit';

let lab: Lab;
let dir: string;
beforeAll(async () => {
  lab = await openLab({ name: `e${process.pid.toString(36)}`, hosts: 3 });
  dir = await mkdtemp(join(tmpdir(), 'e2e-'));
});
afterAll(async () => {
  await lab?.close();
  await rm(dir, { recursive: true, force: true });
});

/** A tcp-oncall.yaml for web-01 with one thing different. */
async function configWith(host: Readonly<Record<string, unknown>>, knownHosts?: string): Promise<string> {
  const { address } = lab.host('web-01');
  const entry = { address, port: 22, user: 'ops', identityFile: lab.paths.identity, ...host };
  const file = join(
    dir,
    `${createHash('sha1')
      .update(JSON.stringify([entry, knownHosts]))
      .digest('hex')}.yaml`,
  );
  let known = lab.paths.knownHosts;
  if (knownHosts !== undefined) {
    known = `${file}.known_hosts`;
    await writeFile(known, knownHosts);
  }
  // YAML is a superset of JSON.
  await writeFile(
    file,
    JSON.stringify({ hosts: { 'web-01': entry }, ssh: { knownHosts: known, agent: false, readyTimeout: '20s' } }),
  );
  return file;
}

/** An address of the lab's network that no host has. */
function nobody(): string {
  return lab.host('web-01').address.replace(/\d+$/, '250');
}

/** Names of the processes that run as this user. */
async function processesOf(host: string, uid: number): Promise<readonly string[]> {
  const command = `grep -lE '^Uid:[[:space:]]${uid}[[:space:]]' /proc/[0-9]*/status | xargs -r grep -h ^Name: || true`;
  const { stdout } = await lab.exec(host, ['sh', '-c', command]);
  return stdout.split('\n').filter((line) => line !== '');
}

function check(config: string, ...args: readonly string[]) {
  return cli(['check', 'web-01', '--interval', '1s', '--config', config, ...args]);
}

describe('a healthy host', () => {
  it('has status 0 and no finding', async () => {
    const { stdout, stderr, status } = await check(lab.paths.config);
    expect(stdout.split('\n')[0]).toMatch(/^web-01: nothing found/);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  it('answers hosts and hosts test', async () => {
    const hosts = await cli(['hosts', '--config', lab.paths.config]);
    expect(hosts.stdout).toMatch(/^web-01 +ops@10\./m);
    const test = await cli(['hosts', 'test', 'web-01', '--config', lab.paths.config]);
    expect(test.stdout).toMatch(/^web-01: logged in as ops at 10\..* port 22; Linux /);
    expect(test.status).toBe(0);
  });
});

describe('a host that is out of ports', () => {
  beforeAll(async () => void (await lab.provoke(await findFault(FAULT), 'web-01')));
  afterAll(() => lab.heal());

  it('is named in both languages, in one document that its schema accepts, and replays the same', async () => {
    const raw = join(dir, 'raw');
    const { stdout, status } = await check(lab.paths.config, '--json', '--raw', raw);
    const report = JSON.parse(stdout) as { verdicts: { id: string; verdict: string }[] };
    const validate = new Ajv2020({ validateFormats: false, allowUnionTypes: true }).compile(
      JSON.parse(await readFile(SCHEMA, 'utf8')) as object,
    );
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report.verdicts[0]).toMatchObject({ id: 'ephemeral-port-exhaustion-per-destination', severity: 'crit' });
    expect(status).toBe(1);

    const replayed = await cli(['replay', raw, '--json']);
    expect(JSON.parse(replayed.stdout)).toEqual(report);
    const japanese = await cli(['replay', raw, '--lang', 'ja']);
    expect(japanese.stdout).toMatch(/^web-01: 重大 1 件[\s\S]*200 個中 200 個/);
  });
});

describe('a host that cannot be checked gives one sentence, what to do, and its status', () => {
  it.each<[string, () => Promise<string>, RegExp, number]>([
    ['unreachable', () => configWith({ address: nobody() }), /cannot be reached at 10\.[\d.]+\.250 port 22/, 3],
    ['refused', () => configWith({ port: 4 }), /refused/, 3],
    ['unknown key', () => configWith({}, ''), /host key of web-01 is not known.*SHA256:[\s\S]*hosts trust web-01/, 3],
    ['no such account', () => configWith({ user: 'nobody-here' }), /did not let nobody-here in/, 3],
    ['no shell', () => configWith({ user: 'noshell' }), /noshell has no shell on web-01.*not available/, 3],
  ])('%s', async (_, config, said, status) => {
    const ended = await check(await config());
    expect(ended.stderr).toMatch(said);
    expect(ended.stdout).toBe('');
    expect(ended.status).toBe(status);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(2);
  });

  it('changed key', async () => {
    const [, key = ''] = (await readFile(lab.paths.knownHosts, 'utf8')).split('\n');
    const { address } = lab.host('web-01');
    const config = await configWith({}, `${address} ${key.split(' ').slice(1).join(' ')}\n`);
    const { stderr, stdout, status } = await check(config, '--json');
    expect(stderr).toMatch(/host key of web-01 is not the one known from .*known_hosts/);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'tcp-oncall.error/1', error: 'host-key-changed' });
    expect(status).toBe(3);
  });

  it('unknown name, and a group', async () => {
    const typo = await cli(['check', 'web-1', '--config', lab.paths.config]);
    expect(typo.stderr).toMatch(/^tcp-oncall: There is no host "web-1"\. Did you mean web-01/);
    expect(typo.status).toBe(2);
    const group = await cli(['check', 'lab', '--config', lab.paths.config]);
    expect(group.stderr).toMatch(/lab is a group, and hosts are checked one at a time: .*web-01/);
    expect(group.status).toBe(2);
  });
});

describe('interrupted', () => {
  it('ends with status 130 and leaves nothing running on the host', async () => {
    const begun = () => expect.poll(() => processesOf('db-01', OPS)).not.toEqual([]);
    const args = ['check', 'db-01', '--interval', '30s', '--config', lab.paths.config];
    expect((await cli(args, { interruptWhen: begun })).status).toBe(130);
    await expect.poll(() => processesOf('db-01', OPS)).toEqual([]);
  });
});
