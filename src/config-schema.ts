/** The shape of tcp-oncall.yaml. Each message is the end of a sentence that begins with the place in the file. */
import { z } from 'zod';
import { parseDuration } from '#domain/duration.ts';
import { parseHostName } from '#domain/host.ts';
import { LANGUAGES } from '#domain/language.ts';

const text = z.string({ error: 'must be text' }).min(1, { error: 'must not be empty' });
const texts = z.union([text, z.array(text)], { error: 'must be text or a list of texts' });
const port = z
  .int({ error: 'must be a port number from 1 to 65535' })
  .min(1, { error: 'must be a port number from 1 to 65535' })
  .max(65_535, { error: 'must be a port number from 1 to 65535' });
const yesOrNo = z.boolean({ error: 'must be true or false' });
const duration = z
  .string({ error: 'must be a length of time such as 10s, 500ms or 2m' })
  .refine((value) => parseDuration(value) !== undefined, { error: 'must be a length of time such as 10s, 500ms or 2m' })
  .transform((value) => parseDuration(value) ?? 0);
const mapping = {
  error: (issue: { readonly code?: string }) => (issue.code === 'invalid_type' ? 'must be a mapping' : undefined),
};

const host = z.strictObject(
  {
    address: text.optional(),
    port: port.optional(),
    user: text.optional(),
    identityFile: texts.optional(),
    groups: z.array(text, { error: 'must be a list of names' }).optional(),
    jump: texts.optional(),
    hostKeyAlias: text.optional(),
  },
  mapping,
);
const hostName = z.string().refine((name) => parseHostName(name) !== undefined, {
  error: 'is not a host name: use letters, digits, dots, dashes and underscores',
});
const inventory = z.strictObject({ sshConfig: text.optional(), ansible: texts.optional() }, mapping);
const ssh = z.strictObject(
  { knownHosts: texts.optional(), readyTimeout: duration.optional(), agent: yesOrNo.optional() },
  mapping,
);

export const configSchema = z.strictObject(
  {
    hosts: z.record(hostName, host.nullable(), mapping).nullish(),
    inventory: inventory.nullish(),
    ssh: ssh.nullish(),
    overrides: text.optional(),
    language: z.enum(LANGUAGES, { error: `must be ${LANGUAGES.join(' or ')}` }).optional(),
  },
  mapping,
);

/** The keys that may stand at a place. */
export function knownKeys([section, ...rest]: readonly PropertyKey[]): readonly string[] {
  if (section === undefined) return Object.keys(configSchema.shape);
  if (section === 'hosts' && rest.length === 1) return Object.keys(host.shape);
  if (section === 'inventory') return Object.keys(inventory.shape);
  return section === 'ssh' ? Object.keys(ssh.shape) : [];
}
