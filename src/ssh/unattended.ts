/** The environment of what is run here for a login, ssh and a ProxyCommand: without our secrets and without a window to ask in. Pure. */
import { withoutSecrets } from '#domain/without-secrets.ts';

type Environment = Record<string, string | undefined>;

export function unattended(env: Readonly<Environment>): Environment {
  // Before OpenSSH 8.4 no variable says that nobody is to be asked.
  const { SSH_ASKPASS: _, ...rest } = withoutSecrets(env);
  return { ...rest, SSH_ASKPASS_REQUIRE: 'never' };
}
