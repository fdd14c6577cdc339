/** Reads tcp-oncall.yaml: where it is, what it says, and what is wrong with it. Documented in docs/configuration.md. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Policy } from '#change/policy.ts';
import type { Language } from '#domain/language.ts';
import type { HostEntry, TransportSetting } from '#inventory/host-entry.ts';
import { usualKnownHosts } from '#inventory/known-hosts-files.ts';
import { describeIssue, worstOf } from './config-problem.ts';
import { configSchema } from './config-schema.ts';

/** All paths are absolute. */
export interface Config {
  /** Undefined when there is no file: everything has its default. */
  readonly file: string | undefined;
  readonly hosts: ReadonlyMap<string, HostEntry>;
  readonly inventory: { readonly sshConfig: string | undefined; readonly ansible: readonly string[] };
  readonly ssh: {
    readonly transport: TransportSetting;
    readonly knownHosts: readonly string[];
    readonly readyTimeoutMs: number;
    readonly agent: boolean;
  };
  readonly slack: {
    readonly mode: 'socket' | 'http';
    /** Where the runbook pages are, without a slash at the end; undefined = nowhere but here. */
    readonly runbooks: string | undefined;
    readonly channels: ReadonlyMap<string, { readonly language: Language }>;
  };
  readonly serve: {
    /** address:port */
    readonly listen: string;
    /** Checks at once in one process. */
    readonly checks: number;
    readonly drainMs: number;
  };
  readonly reports: { readonly keepMs: number };
  readonly changes: {
    readonly policy: Policy;
    /** Public keys (ed25519, SPKI, base64) with which people approve outside Slack, by Slack user id. */
    readonly keys: ReadonlyMap<string, string>;
    /** Slack user ids of who acts on the terminal, by login. */
    readonly logins: ReadonlyMap<string, string>;
    /** `builder`: the host that builds kernels where a request names none. */
    readonly kernel: { readonly builder: string | undefined };
    /** Where the audit trail is copied to. */
    readonly audit: {
      readonly file: string | undefined;
      readonly channel: string | undefined;
      /** Whose signatures its records must have; empty = none. */
      readonly signers: readonly string[];
      /** The first record that must be signed. */
      readonly signedSince: number;
    };
  };
  /** Where a Redis of our own keeps its data. */
  readonly stateDir: string;
  /** The site's own runbook pages and templates. */
  readonly overrides: string | undefined;
  readonly language: Language | undefined;
}

export type LoadedConfig =
  | { readonly kind: 'config'; readonly config: Config }
  /** `message` is one finished sentence. */
  | { readonly kind: 'invalid'; readonly message: string };

export interface ConfigPlace {
  /** As given by --config; then no other place is looked at. */
  readonly path?: string | undefined;
  readonly cwd: string;
  readonly home: string;
}

export const CONFIG_NAME = 'tcp-oncall.yaml';
const READY_TIMEOUT_MS = 10_000;
const LISTEN = '127.0.0.1:3000';
const CHECKS = 20;
const DRAIN_MS = 25_000;
const KEEP_MS = 30 * 86_400_000;

/** Never throws for anything a file can hold. */
export async function loadConfig({ path, cwd, home }: ConfigPlace): Promise<LoadedConfig> {
  const places =
    path === undefined
      ? [join(cwd, CONFIG_NAME), join(home, '.config', 'tcp-oncall', CONFIG_NAME)]
      : [resolve(cwd, untilde(path, home))];
  for (const file of places) {
    try {
      return parseConfig(await readFile(file, 'utf8'), file, home);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return invalid(`${file} cannot be read (${code}).`);
      if (path !== undefined) return invalid(`${file} does not exist: give --config the path of a ${CONFIG_NAME}.`);
    }
  }
  return { kind: 'config', config: build({}, undefined, home) };
}

/** Pure. `file` is absolute; relative paths in it are relative to its directory. */
export function parseConfig(text: string, file: string, home: string): LoadedConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) {
    const why = error.message
      .split('\n')[0]
      ?.replace(/ at line \d+.*$/, '')
      .replace(/[.:]$/, '');
    return invalid(`${file} line ${error.linePos?.[0].line ?? 1}: this is not YAML (${why}).`);
  }
  const value = asValue(document);
  if (value instanceof Error) return invalid(`${file} cannot be read as YAML (${value.message}).`);
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return { kind: 'config', config: build(parsed.data, file, home) };
  const issue = worstOf(parsed.error.issues);
  return invalid(issue === undefined ? `${file} is not valid.` : describeIssue(issue, file, document, lines));
}

/** An empty file says nothing; aliases that multiply without end are refused by the parser. */
function asValue(document: Document): unknown {
  try {
    return document.contents === null ? {} : document.toJS();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function build(said: z.output<typeof configSchema>, file: string | undefined, home: string): Config {
  const absolute = (path: string) => resolve(dirname(file ?? '/'), untilde(path, home));
  const { hosts, inventory, ssh, slack, serve, reports, changes, stateDir, overrides, language } = said;
  const entries = Object.entries(hosts ?? {}).map(([name, host]) => [name, hostEntry(host ?? {}, absolute)] as const);
  return {
    file,
    hosts: new Map(entries),
    inventory: {
      sshConfig: inventory?.sshConfig === undefined ? undefined : absolute(inventory.sshConfig),
      ansible: listOf(inventory?.ansible).map(absolute),
    },
    ssh: {
      transport: ssh?.transport ?? 'auto',
      knownHosts: listOf(ssh?.knownHosts ?? usualKnownHosts(home)).map(absolute),
      readyTimeoutMs: ssh?.readyTimeout ?? READY_TIMEOUT_MS,
      agent: ssh?.agent ?? true,
    },
    slack: {
      mode: slack?.mode ?? 'socket',
      runbooks: slack?.runbooks,
      channels: new Map(Object.entries(slack?.channels ?? {})),
    },
    serve: {
      listen: serve?.listen ?? LISTEN,
      checks: serve?.checks ?? CHECKS,
      drainMs: serve?.drain ?? DRAIN_MS,
    },
    reports: { keepMs: reports?.keep ?? KEEP_MS },
    changes: {
      policy: policyOf(changes ?? {}),
      keys: new Map(Object.entries(changes?.keys ?? {})),
      logins: new Map(Object.entries(changes?.logins ?? {})),
      kernel: { builder: changes?.kernel?.builder },
      audit: {
        file: changes?.audit?.file === undefined ? undefined : absolute(changes.audit.file),
        channel: changes?.audit?.channel,
        signers: changes?.audit?.signers ?? [],
        signedSince: changes?.audit?.signedSince ?? 1,
      },
    },
    stateDir: absolute(stateDir ?? '~/.local/state/tcp-oncall'),
    overrides: overrides === undefined ? undefined : absolute(overrides),
    language,
  };
}

type SaidChanges = NonNullable<z.output<typeof configSchema>['changes']>;

function policyOf({ rules = [], breakGlass, admins, freezes = [] }: SaidChanges): Policy {
  return { rules, breakGlass: breakGlass ?? null, admins: admins ?? null, freezes };
}

type SaidHost = NonNullable<NonNullable<z.output<typeof configSchema>['hosts']>[string]>;

/** Only what is said: a key that is there but undefined would hide what the other inventories say. */
function hostEntry({ identityFile, jump, ...rest }: SaidHost, absolute: (path: string) => string): HostEntry {
  const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...said,
    ...(identityFile !== undefined && { identityFiles: listOf(identityFile).map(absolute) }),
    ...(jump !== undefined && {
      jump: listOf(jump)
        .flatMap((hops) => hops.split(','))
        .map((hop) => hop.trim())
        .filter((hop) => hop !== 'none'),
    }),
  };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? []);
}

function untilde(path: string, home: string): string {
  return path === '~' ? home : path.replace(/^~(?=\/)/, home);
}

function invalid(message: string): LoadedConfig {
  return { kind: 'invalid', message };
}
