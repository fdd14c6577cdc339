/** What stands beside docker-compose.yml (docs/operating.md#containers), and a Slack and a host for it to talk to. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TOKENS } from '#local-slack/web-api.ts';
import type { Services } from './compose-project.ts';
import type { Secrets } from './inside.ts';
import { capture } from './podman.ts';

/** What must not be found where it does not belong; `key` is a line of the private key. */
export type PlainSecrets = Secrets & Readonly<Record<'password' | 'botToken' | 'appToken' | 'key', string>>;

/** The user `node` of the image. */
const NODE = 1000;
const HOST = 'app-01';

export const AROUND: Services = {
  bot: { environment: { SLACK_API_URL: 'http://slack:4390/api/' } },
  slack: {
    image: 'tcp-oncall-lab',
    entrypoint: ['sh', '-c', 'exec node --import tsx test/slack/main.ts --host "$$(hostname -i)"'],
  },
  [HOST]: { image: 'tcp-oncall-lab', hostname: HOST, command: ['database'], volumes: ['./host:/config:ro'] },
};

const CONFIG = `hosts:
  ${HOST}: { address: ${HOST}, user: ops, identityFile: /keys/id_ed25519 }
ssh: { knownHosts: ./known_hosts, agent: false }
changes:
  admins: { users: [U0ALICE] }
  audit: { file: /audit/audit.jsonl }
`;

export async function laySite(dir: string): Promise<PlainSecrets> {
  const at = (...names: string[]) => join(dir, ...names);
  for (const name of ['config', 'keys', 'secrets', 'host']) await mkdir(at(name), { mode: 0o700 });
  for (const file of [at('keys', 'id_ed25519'), at('host', `host_key.${HOST}`)])
    await capture('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  const hostKey = await readFile(at('host', `host_key.${HOST}.pub`), 'utf8');
  await writeFile(at('host', 'id_ed25519.pub'), await readFile(at('keys', 'id_ed25519.pub')));
  await writeFile(at('config', 'known_hosts'), `${HOST} ${hostKey}`);
  await writeFile(at('config', 'tcp-oncall.yaml'), CONFIG);
  const password = randomBytes(24).toString('hex');
  const files = { redis_password: password, slack_bot_token: TOKENS.bot, slack_app_token: TOKENS.app };
  for (const [name, secret] of Object.entries(files)) await writeFile(at('secrets', name), `${secret}\n`);
  for (const name of ['config', 'keys', 'secrets']) await give(at(name));
  const key = (await readFile(at('keys', 'id_ed25519'), 'utf8')).split('\n')[2] ?? '';
  return { password, botToken: TOKENS.bot, appToken: TOKENS.app, key };
}

/** As the page says: the user 1000's, and nobody else's. */
async function give(dir: string): Promise<void> {
  await capture('chown', ['-R', `${NODE}`, dir]);
  await capture('chmod', ['-R', 'go=', dir]);
}
