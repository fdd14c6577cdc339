/** The shape of tcp-oncall.yaml. Each message is the end of a sentence that begins with the place in the file. */
import { z } from 'zod';
import { parseHostName } from '#domain/host.ts';
import { LANGUAGES } from '#domain/language.ts';
import { TRANSPORTS } from '#inventory/host-entry.ts';
import { KNOWN_KINDS } from '#kinds/known-kinds.ts';
import { ruleSchema } from './config-rule.ts';
import { circle, duration, groups, mapping, text, userId, whole, yesOrNo } from './config-values.ts';

const texts = z.union([text, z.array(text)], { error: 'must be text or a list of texts' });
const port = whole(1, 65_535, 'a port number');
const transport = z.enum(TRANSPORTS, { error: 'must be auto, ssh2 or openssh' });
const host = z.strictObject(
  {
    address: text.optional(),
    port: port.optional(),
    user: text.optional(),
    identityFile: texts.optional(),
    groups: z.array(text, { error: 'must be a list of names' }).optional(),
    jump: texts.optional(),
    hostKeyAlias: text.optional(),
    transport: transport.optional(),
  },
  mapping,
);
const hostName = z.string().refine((name) => parseHostName(name) !== undefined, {
  error: 'is not a host name: use letters, digits, dots, dashes and underscores',
});
const inventory = z.strictObject({ sshConfig: text.optional(), ansible: texts.optional() }, mapping);
const ssh = z.strictObject(
  {
    transport: transport.optional(),
    knownHosts: texts.optional(),
    readyTimeout: duration.optional(),
    agent: yesOrNo.optional(),
  },
  mapping,
);

const address = z
  .string({ error: 'must be text' })
  .refine((value) => URL.canParse(value) && /^https?:/.test(value), {
    error: 'must be an address that begins with https://',
  })
  .transform((value) => value.replace(/\/+$/, ''));
const listen = z.string({ error: 'must be text' }).regex(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, {
  error: 'must be an address and a port such as 127.0.0.1:3000',
});
const channel = z.strictObject(
  { language: z.enum(LANGUAGES, { error: `must be ${LANGUAGES.join(' or ')}` }) },
  mapping,
);
const channelId = z.string().regex(/^[CGD][A-Z0-9]{5,}$/, {
  error: "is not a channel id: Slack shows it at the bottom of the channel's details, and it begins with C",
});
const slack = z.strictObject(
  {
    mode: z.enum(['socket', 'http'], { error: 'must be socket or http' }).optional(),
    runbooks: address.optional(),
    channels: z.record(channelId, channel, mapping).nullish(),
  },
  mapping,
);
const serve = z.strictObject(
  { listen: listen.optional(), checks: whole(1, 200).optional(), drain: duration.optional() },
  mapping,
);
const reports = z.strictObject({ keep: duration.optional() }, mapping);

const moment = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-12-24T00:00:00Z' })
  .transform((value) => new Date(value));
const freeze = z.strictObject({ groups, from: moment, to: moment, why: text }, mapping);
const publicKey = z.string({ error: 'must be text' }).regex(/^[A-Za-z0-9+/]{59}=$/, {
  error: 'is not a public key as tcp-oncall approver-key prints it',
});
const loginName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/, { error: 'is not the name of a login' });
const audit = z.strictObject(
  {
    file: text.optional(),
    channel: channelId.optional(),
    signers: z.array(publicKey, { error: 'must be a list of public keys' }).optional(),
    signedSince: z.int({ error: 'must be the number of a record' }).min(1).optional(),
  },
  mapping,
);
const kernel = z.strictObject({ builder: hostName.optional() }, mapping);
const changes = z.strictObject(
  {
    rules: z.array(ruleSchema(KNOWN_KINDS), { error: 'must be a list of rules' }).optional(),
    breakGlass: circle.optional(),
    admins: circle.optional(),
    freezes: z.array(freeze, { error: 'must be a list of windows' }).optional(),
    keys: z
      .record(userId, publicKey, mapping)
      .refine((keys) => new Set(Object.values(keys)).size === Object.keys(keys).length, {
        error: 'must have another key for each person',
      })
      .optional(),
    logins: z.record(loginName, userId, mapping).optional(),
    kernel: kernel.optional(),
    audit: audit.optional(),
  },
  mapping,
);

export const configSchema = z.strictObject(
  {
    hosts: z.record(hostName, host.nullable(), mapping).nullish(),
    inventory: inventory.nullish(),
    ssh: ssh.nullish(),
    slack: slack.nullish(),
    serve: serve.nullish(),
    reports: reports.nullish(),
    changes: changes.nullish(),
    stateDir: text.optional(),
    overrides: text.optional(),
    language: z.enum(LANGUAGES, { error: `must be ${LANGUAGES.join(' or ')}` }).optional(),
  },
  mapping,
);

/** The keys that may stand at a place. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: z.core.$ZodType | undefined = configSchema;
  for (const part of path) schema = schema && inside(bare(schema), part);
  const found = schema && bare(schema);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function inside(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(part)];
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

/** Without what says that it may be missing, or what is made of it; of several forms, the one with keys. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return bare(schema.unwrap());
  if (schema instanceof z.ZodPipe) return bare(schema.in);
  return schema instanceof z.ZodUnion
    ? (schema.options.map(bare).find((each) => each instanceof z.ZodObject) ?? schema)
    : schema;
}
