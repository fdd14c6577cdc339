import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSecrets } from './secrets.ts';

it('takes a secret from the environment, or from the file that it names', () => {
  const dir = mkdtempSync(join(tmpdir(), 'secrets-'));
  const file = join(dir, 'token');
  writeFileSync(file, 'xapp-from-file\n');
  expect(
    readSecrets({ SLACK_BOT_TOKEN: ' xoxb-said ', SLACK_BOT_TOKEN_FILE: file, SLACK_APP_TOKEN_FILE: file }),
  ).toEqual({
    SLACK_BOT_TOKEN: 'xoxb-said',
    SLACK_APP_TOKEN: 'xapp-from-file',
    SLACK_SIGNING_SECRET: undefined,
    REDIS_URL: undefined,
    REDIS_PASSWORD: undefined,
  });
  rmSync(dir, { recursive: true });
});

it('names the variable and the file that cannot be read', () => {
  expect(() => readSecrets({ REDIS_URL_FILE: '/nonexistent/url' })).toThrow(
    'REDIS_URL_FILE names /nonexistent/url, which cannot be read (ENOENT).',
  );
});

it("puts Redis's password into its address", () => {
  expect(readSecrets({ REDIS_URL: 'redis://redis:6379', REDIS_PASSWORD: 'pass' }).REDIS_URL).toBe(
    'redis://:pass@redis:6379',
  );
  expect(readSecrets({ REDIS_PASSWORD: 'pass' }).REDIS_URL).toBeUndefined();
});
