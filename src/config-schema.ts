/** The shape of tcp-oncall.yaml. Each message is the end of a sentence that begins with the place in the file. */
import { z } from 'zod';
import { parseDuration } from '#domain/duration.ts';
import { parseHostName } from '#domain/host.ts';
import { LANGUAGES } from '#domain/language.ts';
import { RISKS } from '#domain/plan.ts';

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
const count = z
  .int({ error: 'must be a whole number from 1 to 200' })
  .min(1, { error: 'must be a whole number from 1 to 200' })
  .max(200, { error: 'must be a whole number from 1 to 200' });
const serve = z.strictObject(
  { listen: listen.optional(), checks: count.optional(), drain: duration.optional() },
  mapping,
);
const reports = z.strictObject({ keep: duration.optional() }, mapping);

const userId = z.string({ error: 'must be text' }).regex(/^[UW][A-Z0-9]{2,}$/, {
  error: 'is not a Slack user id: Slack shows it in the menu of a profile, and it begins with U',
});
const userGroupId = z.string({ error: 'must be text' }).regex(/^S[A-Z0-9]{2,}$/, {
  error: 'is not the id of a Slack user group: it begins with S',
});
const circle = z.strictObject(
  {
    users: z.array(userId, { error: 'must be a list of Slack user ids' }).optional(),
    userGroups: z.array(userGroupId, { error: 'must be a list of ids of Slack user groups' }).optional(),
  },
  mapping,
);
const groups = z.array(text, { error: 'must be a list of groups of hosts, or "*"' }).min(1, {
  error: 'must name a group of hosts, or "*"',
});
const minutes = duration.refine((ms) => ms % 60_000 === 0 && ms >= 60_000, {
  error: 'must be whole minutes such as 10m',
});
const trial = minutes.refine((ms) => ms <= 30 * 60_000, { error: 'must be at most 30m' });
const rule = z
  .strictObject(
    {
      groups,
      risks: z
        .array(z.enum(RISKS, { error: `must be ${RISKS.join(', ')}` }))
        .min(1)
        .optional(),
      ask: z.union([z.literal('members'), circle], { error: 'must be members, or users and userGroups' }),
      approve: circle,
      approvals: z.int({ error: 'must be a whole number' }).min(1).max(9).optional(),
      expires: minutes.optional(),
      reasonRequired: yesOrNo.optional(),
      revert: trial.optional(),
      longestRevert: trial.optional(),
      outsideSlack: yesOrNo.optional(),
    },
    mapping,
  )
  .refine(({ outsideSlack, approve, approvals = 1 }) => !outsideSlack || (approve.users ?? []).length >= approvals, {
    path: ['approve'],
    error: 'must name enough users where outsideSlack is set: Slack is not asked there, and so no user group',
  });
const moment = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-12-24T00:00:00Z' })
  .transform((value) => new Date(value));
const freeze = z.strictObject({ groups, from: moment, to: moment, why: text }, mapping);
const publicKey = z.string({ error: 'must be text' }).regex(/^[A-Za-z0-9+/]{59}=$/, {
  error: 'is not a public key as tcp-oncall approver-key prints it',
});
const audit = z.strictObject(
  {
    file: text.optional(),
    channel: channelId.optional(),
    signers: z.array(publicKey, { error: 'must be a list of public keys' }).optional(),
    signedSince: z.int({ error: 'must be the number of a record' }).min(1).optional(),
  },
  mapping,
);
const changes = z.strictObject(
  {
    rules: z.array(rule, { error: 'must be a list of rules' }).optional(),
    breakGlass: circle.optional(),
    admins: circle.optional(),
    freezes: z.array(freeze, { error: 'must be a list of windows' }).optional(),
    keys: z.record(userId, publicKey, mapping).optional(),
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
export function knownKeys([section, ...rest]: readonly PropertyKey[]): readonly string[] {
  if (section === undefined) return Object.keys(configSchema.shape);
  if (section === 'hosts' && rest.length === 1) return Object.keys(host.shape);
  if (section === 'slack' && rest[0] === 'channels') return rest.length === 2 ? Object.keys(channel.shape) : [];
  if (section === 'changes' && rest.length > 0) return Object.keys(keysInChanges(rest));
  const sections: Readonly<Record<string, z.ZodObject>> = { inventory, ssh, slack, serve, reports, changes };
  return Object.keys(sections[String(section)]?.shape ?? {});
}

function keysInChanges([part, , inner]: readonly PropertyKey[]): object {
  if (part === 'audit') return audit.shape;
  if (part === 'rules') return inner === undefined ? rule.shape : circle.shape;
  return part === 'freezes' ? freeze.shape : circle.shape;
}
