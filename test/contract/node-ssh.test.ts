/** Is a use of node-ssh for more than the connection an error of `npm run check`? Why it must be: docs/decisions/0001. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLUGIN = './src/ssh/ssh2/node-ssh.grit';
const BANNED = [
  "ssh.execCommand('id')",
  "ssh?.putFile('a', 'b')",
  'const { execCommand } = ssh',
  'const { getDirectory: get } = ssh',
  'ssh.withSFTP(use)',
];
const USED = ["ssh.connection?.exec('id', use)", "ssh.forwardOut('127.0.0.1', 0, 'web-01', 22)", '/a/.exec(text)'];

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'node-ssh-'));
  copyFileSync(join(ROOT, PLUGIN), join(dir, 'node-ssh.grit'));
  const config = { root: true, plugins: ['./node-ssh.grit'], linter: { rules: { recommended: false } } };
  writeFileSync(join(dir, 'biome.json'), JSON.stringify(config));
  for (const [index, code] of [...BANNED, ...USED].entries()) writeFileSync(join(dir, `${index}.ts`), `${code};\n`);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('is one for each way to it, and for nothing else', () => {
  const biome = join(ROOT, 'node_modules/.bin/biome');
  const { stdout, stderr, status } = spawnSync(biome, ['lint', '--reporter=json', '.'], { cwd: dir, encoding: 'utf8' });
  const said = new Set(stdout.match(/\d+(?=\.ts)/g));
  expect([...said].map(Number).toSorted(), stderr).toEqual(BANNED.map((_, index) => index));
  expect(status).toBe(1);
});

it('is looked for in all our files', () => {
  expect(JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'))).toMatchObject({ plugins: [PLUGIN] });
});
