/** Who acts on the terminal: the owner of an approver key, or the login that the configuration maps to a Slack user. */
import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { userGroupsOf } from '#change/circles.ts';
import type { Policy, Somebody } from '#change/policy.ts';
import { createSigner } from '#change/witness.ts';
import type { Config } from '#config.ts';
import type { Actor } from '#domain/check.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { fill } from '#render/words.ts';
import { UsageError } from './failure.ts';
import type { Session } from './session.ts';

export interface IdentityOptions {
  /** A Slack user id. */
  readonly user?: string;
  /** The file of an approver key. */
  readonly key?: string;
}

/** The same person as in Slack: the policy, the record and "nobody approves their own change" go by the Slack user id. */
export interface Identity {
  readonly actor: Actor;
  /** PEM; null for who is known by the login alone, and signs nothing. */
  readonly privateKey: string | null;
}

export interface Claim {
  readonly user: string | undefined;
  /** `named`: by --key, and not just where approver-key puts it. */
  readonly key: { readonly file: string; readonly pem: string; readonly named: boolean } | undefined;
  /** Undefined where the system has no name for it. */
  readonly login: string | undefined;
}

export type Identified =
  | { readonly kind: 'known'; readonly identity: Identity }
  /** A sentence of `cli`, and what it names. */
  | {
      readonly kind: 'unknown';
      readonly why: 'nobody' | 'badKey' | 'foreignKey' | 'otherUser';
      readonly details: Readonly<Record<string, string>>;
    };

/** The key is asked first: it proves more than the login. Pure. */
export function identify(
  { user, key, login = '' }: Claim,
  { keys, logins }: Pick<Config['changes'], 'keys' | 'logins'>,
): Identified {
  const publicKey = key && publicKeyOf(key.pem);
  if (key?.named && publicKey === undefined) return { kind: 'unknown', why: 'badKey', details: { file: key.file } };
  const owner = publicKey && [...keys].find(([, each]) => each === publicKey)?.[0];
  if (key?.named && owner === undefined)
    return { kind: 'unknown', why: 'foreignKey', details: { file: key.file, key: publicKey ?? '' } };
  const id = owner ?? logins.get(login);
  if (id === undefined) return { kind: 'unknown', why: 'nobody', details: { login } };
  if (user !== undefined && user !== id)
    return { kind: 'unknown', why: 'otherUser', details: { what: (owner && key?.file) ?? login, id, user } };
  const privateKey = owner === undefined ? null : (key?.pem ?? null);
  return { kind: 'known', identity: { actor: { surface: 'slack', id }, privateKey } };
}

/** Throws a UsageError that says how to become known. */
export async function whoActs(options: IdentityOptions, session: Session): Promise<Identity> {
  const { cli } = await session.changeWords();
  const claim = { user: options.user, key: await readKey(options.key, cli), login: loginName() };
  const identified = identify(claim, session.config.changes);
  if (identified.kind === 'unknown') throw new UsageError(fill(cli.identity[identified.why], identified.details));
  return identified.identity;
}

/** As the policy sees them here: Slack cannot be asked who is in its user groups. */
export function personOf({ actor: { id } }: Identity, policy: Policy): Somebody {
  return { id, userGroups: [], notChecked: userGroupsOf(policy) };
}

export function keyFile(path: string | undefined): string {
  return path ?? join(homedir(), '.config', 'tcp-oncall', 'approver.pem');
}

/** What the system says, without its error code and the path, which our sentence has. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^[A-Z]+: /, '').replace(/, \w+ '.*'$/, '');
}

async function readKey(path: string | undefined, cli: ChangeWords['cli']): Promise<Claim['key']> {
  const [file, named] = [keyFile(path), path !== undefined];
  try {
    return { file, pem: await readFile(file, 'utf8'), named };
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (absent && !named) return undefined;
    throw new UsageError(fill(cli.noKey, { file, why: reasonOf(error) }));
  }
}

function publicKeyOf(pem: string): string | undefined {
  try {
    return createSigner(pem).publicKey;
  } catch {
    return undefined;
  }
}

/** Of the account that runs us, whatever the environment says: SUDO_USER and LOGNAME are what somebody set. */
function loginName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
