import { expect, it } from 'vitest';
import { SECRETS } from '../secrets.ts';
import { withoutSecrets } from './without-secrets.ts';

it('lets no secret through, named by a file or not, and everything else', () => {
  const secrets = [...SECRETS, 'TCP_ONCALL_KEY_PASSPHRASE', 'OTEL_EXPORTER_OTLP_HEADERS'].flatMap((name) => [
    name,
    `${name}_FILE`,
  ]);
  const kept = { PATH: '/bin', AWS_PROFILE: 'prod', SSH_AUTH_SOCK: '/a' };
  expect(withoutSecrets({ ...Object.fromEntries(secrets.map((name) => [name, 'x'])), ...kept })).toEqual(kept);
});
