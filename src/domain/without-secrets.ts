/** What a program that we run on somebody's behalf may see of our environment: a command that ssh_config names, a plugin of Ansible's. Pure. */

/** Tokens, passwords, keys and passphrases, and the files that hold them: src/secrets.ts; and what traces are sent with. */
const OURS = /^(?:TCP_ONCALL_|SLACK_|REDIS_|AUDIT_KEY|OTEL_EXPORTER_OTLP_)/;

type Environment = Record<string, string | undefined>;

export function withoutSecrets(env: Readonly<Environment>): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OURS.test(name)));
}
