/** What holds for every command: the world it runs in, configuration, language, the site's own texts, the hosts there are. */
import { homedir, userInfo } from 'node:os';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { loadChangeWords, loadCliWords, loadWords } from '#catalogue.ts';
import { type Config, loadConfig } from '#config.ts';
import type { Language } from '#domain/language.ts';
import { withoutSecrets } from '#domain/without-secrets.ts';
import type { Inventory } from '#inventory/inventory.ts';
import type { CliWords } from '#render/cli-words.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { fill, type Words } from '#render/words.ts';
import type { Reread } from '#serve/watch-inventory.ts';
import { UsageError } from './failure.ts';
import { chooseLanguage } from './language.ts';
import { CLEAR_LINE, screenOf } from './screen.ts';
import type { World } from './world.ts';

export interface Session extends World {
  readonly language: Language;
  /** The site's directory of pages and templates; null = none. */
  readonly overrides: string | null;
  readonly config: Config;
  readonly words: () => Promise<Words>;
  readonly cliWords: () => Promise<CliWords>;
  readonly changeWords: () => Promise<ChangeWords>;
  /** Read once; throws a UsageError that names the file. */
  readonly inventory: () => Promise<Inventory>;
  /** Reads tcp-oncall.yaml and the inventory again, for what is to run on; throws a UsageError that names the file. */
  readonly reread: () => Promise<Reread>;
}

/** What the hosts are read from; all else needs a restart. */
const HOSTS: readonly (keyof Config)[] = ['file', 'hosts', 'inventory'];

interface Place {
  readonly world: World;
  readonly language: Language;
  readonly overrides: string | null;
}

interface Asked {
  readonly lang?: Language;
  readonly config?: string;
}

/** Throws a UsageError that names the file and what is wrong in it. */
export async function openSession({ lang, config: path }: Asked, world: World): Promise<Session> {
  const loaded = await loadConfig({ path, cwd: process.cwd(), home: homedir() });
  if (loaded.kind === 'invalid') throw await unusable(loaded.message, chooseLanguage(lang, undefined, world.env), null);
  const { config } = loaded;
  const { overrides = null } = config;
  const language = chooseLanguage(lang, config.language, world.env);
  const place: Place = { world, language, overrides };
  let inventory: Promise<Inventory> | undefined;
  return {
    ...world,
    language,
    overrides,
    config,
    words: () => loadWords(language, overrides),
    cliWords: () => loadCliWords(language, overrides),
    changeWords: () => loadChangeWords(language, overrides),
    inventory: () => {
      inventory ??= readInventory(config, place);
      return inventory;
    },
    reread: () => reread(config, place),
  };
}

/** `message` names the file, the line and the place. */
export async function unusable(message: string, language: Language, overrides: string | null): Promise<UsageError> {
  const { usage } = await loadWords(language, overrides);
  return new UsageError(fill(usage.configuration, { what: message }));
}

/** From the same file as before: one that has gone is an error, and not a reason to know no hosts. */
async function reread(before: Config, place: Place): Promise<Reread> {
  const { file: path } = before;
  const loaded = await loadConfig({ ...(path !== undefined && { path }), cwd: process.cwd(), home: homedir() });
  if (loaded.kind === 'invalid') throw await unusable(loaded.message, place.language, place.overrides);
  const { config } = loaded;
  const sections = (Object.keys(config) as (keyof Config)[]).filter((section) => !HOSTS.includes(section));
  return {
    inventory: await readInventory(config, place),
    restartFor: sections.filter((section) => !isDeepStrictEqual(config[section], before[section])),
  };
}

/** Rejects with an AbortError when somebody presses Ctrl-C meanwhile. */
async function readInventory(config: Config, place: Place): Promise<Inventory> {
  const { world, language, overrides } = place;
  const { file, hosts, inventory, ssh } = config;
  const { openInventory } = await import('#inventory/open-inventory.ts');
  const ansible = {
    files: inventory.ansible,
    directory: dirname(file ?? '/'),
    env: withoutSecrets(world.env),
    signal: world.signal,
    // Broken texts are complained about where they are needed.
    onAsk: (answer: Promise<unknown>) => void sayWaiting(answer, place).catch(() => {}),
  };
  const here = { home: homedir(), user: userInfo().username, surroundings: await world.surroundings(config) };
  const opened = await openInventory({
    hosts,
    sshConfig: inventory.sshConfig,
    ansible,
    transport: ssh.transport,
    ...here,
  });
  world.signal.throwIfAborted();
  if (opened.kind === 'invalid') throw await unusable(opened.message, language, overrides);
  return opened.inventory;
}

/** A line on a terminal, gone when the answer is there. */
async function sayWaiting(
  answer: Promise<unknown>,
  { world: { stderr, env }, language, overrides }: Place,
): Promise<void> {
  if (!screenOf(stderr, env).tty) return;
  const { progress } = await loadWords(language, overrides);
  stderr.write(CLEAR_LINE + progress.inventory);
  await answer;
  stderr.write(CLEAR_LINE);
}
