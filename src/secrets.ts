/** Secrets come from the environment, or from files that it names (NAME_FILE, as container secrets do); from nowhere else. */
import { readFileSync } from 'node:fs';
import { withRedisPassword } from '#store/redis-url.ts';

export const SECRETS = [
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'REDIS_URL',
  'REDIS_PASSWORD',
  'AUDIT_KEY',
] as const;

export type SecretName = (typeof SECRETS)[number];

export type Secrets = Readonly<Record<SecretName, string | undefined>>;

/** The message is one finished sentence. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/** REDIS_URL has the password in it, when that is given apart. Throws a SecretError when a file that is named cannot be read. */
export function readSecrets(env: Readonly<Record<string, string | undefined>>): Secrets {
  const secrets = Object.fromEntries(SECRETS.map((name) => [name, readSecret(name, env)])) as Secrets;
  const { REDIS_URL: url, REDIS_PASSWORD: password } = secrets;
  return url && password ? { ...secrets, REDIS_URL: withRedisPassword(url, password) } : secrets;
}

function readSecret(name: SecretName, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const [said, file] = [env[name]?.trim(), env[`${name}_FILE`]];
  if (said) return said;
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new SecretError(`${name}_FILE names ${file}, which cannot be read (${code}).`, { cause });
  }
}
