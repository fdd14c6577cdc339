/** The unit of systemd: docs/operating.md quotes it whole, and it keeps the process to what the container may do. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { STATUS } from '../../src/cli/failure.ts';

const UNIT = new URL('../../packaging/tcp-oncall.service', import.meta.url);
const unit = readFileSync(UNIT, 'utf8');

it('is what docs/operating.md shows', () => {
  const page = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
  expect(/```ini\n(# tcp-oncall as a service[\s\S]*?)```/.exec(page)?.[1]).toBe(unit);
});

it('starts again what may come back, and not a wrong configuration', () => {
  expect(unit).toMatch(/^Restart=on-failure$/m);
  expect(unit).toMatch(new RegExp(`^RestartPreventExitStatus=${STATUS.usage}$`, 'm'));
  expect(unit).toMatch(/^Wants=network-online.target\nAfter=network-online.target$/m);
});

it('is a unit that systemd takes, with next to nothing exposed', () => {
  const path = fileURLToPath(UNIT);
  expect(execFileSync('systemd-analyze', ['verify', path], { encoding: 'utf8', stdio: 'pipe' })).toBe('');
  // Fails above the threshold: 20 of 100.
  execFileSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', path], { stdio: 'pipe' });
});
