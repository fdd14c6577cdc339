/** The program against real hosts over real SSH: what it finds, and that its document says the same. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFault } from '#lab/fault-catalogue.ts';
import { cli } from './cli-process.ts';
import { openSite, type Site } from './site.ts';

const SCHEMA = fileURLToPath(new URL('../../docs/report.schema.json', import.meta.url));
const FAULT = 'ephemeral-port-exhaustion-per-destination/crit';

let site: Site;
beforeAll(async () => {
  site = await openSite('e', 2);
});
afterAll(() => site?.close());

function check(...args: readonly string[]) {
  return cli(['check', 'web-01', '1s', '--config', site.lab.paths.config, ...args]);
}

describe('a healthy host', () => {
  it('has status 0 and no finding', async () => {
    const { stdout, stderr, status } = await check();
    expect(stdout.split('\n')[0]).toMatch(/^web-01: nothing found/);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  it('answers hosts and hosts test', async () => {
    const hosts = await cli(['hosts', '--config', site.lab.paths.config]);
    expect(hosts.stdout).toMatch(/^web-01 +ops@10\./m);
    const test = await cli(['hosts', 'test', 'web-01', '--config', site.lab.paths.config]);
    expect(test.stdout).toMatch(/^web-01: logged in as ops at 10\..* port 22; Linux /);
    // The lines to copy name the account that logs in.
    expect(test.stdout).toMatch(/ ops ALL=\(root\) NOPASSWD: \/usr\/bin\/dmesg/);
    expect(test.stdout).not.toContain('ACCOUNT');
    expect(test.status).toBe(0);
  });
});

describe('a host that is out of ports', () => {
  beforeAll(async () => void (await site.lab.provoke(await findFault(FAULT), 'web-01')));
  afterAll(() => site.lab.heal());

  it('is named in both languages, in one document that its schema accepts, and replays the same', async () => {
    const raw = join(site.dir, 'raw');
    const { stdout, status } = await check('--json', '--raw', raw);
    const report = JSON.parse(stdout) as { verdicts: { id: string; verdict: string }[] };
    const validate = new Ajv2020({ validateFormats: false, allowUnionTypes: true }).compile(
      JSON.parse(await readFile(SCHEMA, 'utf8')) as object,
    );
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report).toMatchObject({ interval: 1 });
    expect(report.verdicts[0]).toMatchObject({ id: 'ephemeral-port-exhaustion-per-destination', severity: 'crit' });
    expect(status).toBe(1);

    const replayed = await cli(['replay', raw, '--json']);
    expect(JSON.parse(replayed.stdout)).toEqual(report);
    const japanese = await cli(['replay', raw, '--lang', 'ja']);
    expect(japanese.stdout).toMatch(/^web-01: 重大 1 件[\s\S]*200 個中 200 個/);
  });
});
