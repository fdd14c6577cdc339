/** What a builder and a target must be like: why a kernel cannot be built or booted there, and what to bear in mind. Pure. */
import type { Order } from '#change/kind.ts';
import type { KernelWanted, Notice } from '#domain/check.ts';
import { type Chosen, chooseSource, recipeOf, runningSource } from './choose-source.ts';
import { ARCHITECTURES, SECONDS } from './plan.ts';
import type { BuilderFacts, CommonFacts, Disk, Role, TargetFacts } from './preflight-answer.ts';
import { PREFLIGHT_SCRIPT } from './scripts.ts';

export interface Aim extends Pick<KernelWanted, 'seconds' | 'builder' | 'config' | 'url'> {
  readonly host: string;
}

const DEADLINE_MS = 60_000;
const MAX_BYTES = 256 * 1024;

const KIB_A_MIB = 1024;
const MIB_A_GIB = 1024;

/** MiB. Objects and packages; where debug information cannot be left out, of which the objects are a dozen times as large. */
const SPACE = { deb: 5 * MIB_A_GIB, rpm: 15 * MIB_A_GIB } as const;
const INODES = 300_000;
/** MiB of a kernel, its initrd and its maps. */
const BOOT_SPACE = 200;
const LEAST_MEMORY = 1 * MIB_A_GIB;
const USUAL_MEMORY = 2 * MIB_A_GIB;

/** `word`: random letters and digits that frame the answer. */
export function preflightOrder(role: Role, word: string): Order {
  const argv = ['sh', '-s', word, role] as const;
  return { input: { kind: 'argv', argv, stdin: PREFLIGHT_SCRIPT }, deadlineMs: DEADLINE_MS, maxBytes: MAX_BYTES };
}

/** Why there can be no build, each a code with the words of its sentence; none = there can be. */
export function refusalsOf(aim: Aim, target: TargetFacts, builder: BuilderFacts): readonly Notice[] {
  return [
    ...secondsRefusals(aim),
    ...unread(aim.host, target, ['os', 'release', 'arch', 'container', 'oneShot', 'secureBoot']),
    ...unread(aim.builder, builder, ['os', 'arch', 'account', 'recipe']),
    ...targetRefusals(aim, target),
    ...bootRefusals(aim.host, target),
    ...matchRefusals(aim, target, builder),
    ...builderRefusals(aim, builder),
    ...sourceRefusals(aim, target, builder),
  ];
}

/** What does not stand in the way, and has to be known by those who decide. */
export function warningsOf(aim: Aim, target: TargetFacts, builder: BuilderFacts): readonly Notice[] {
  const { outOfTree, finTimeout, machine, signedModulesOnly } = target;
  const { memory, container } = builder;
  return [
    notice('security-updates', { host: aim.host }),
    notice('fin-timeout', { seconds: String(aim.seconds), has: finTimeout === null ? '' : String(finTimeout) }),
    ...when(outOfTree.length > 0, 'out-of-tree', { host: aim.host, detail: listed(outOfTree) }),
    ...when(signedModulesOnly, 'signed-modules', { host: aim.host }),
    ...when(/^Amazon EC2/.test(machine), 'ec2', { host: aim.host }),
    ...sourceWarnings(aim, target, builder),
    ...when(memory !== null && memory < USUAL_MEMORY * KIB_A_MIB, 'little-memory', { has: gibibytes(memory ?? 0) }),
    ...when(container !== null && container !== 'none', 'builder-container', { detail: container ?? '' }),
  ];
}

export function secondsRefusals({ seconds }: Pick<Aim, 'seconds'>): readonly Notice[] {
  const details = { seconds: String(seconds) };
  if (!Number.isInteger(seconds) || seconds < SECONDS.least) return [notice('seconds-too-few', details)];
  return when(seconds > SECONDS.most, 'seconds-too-many', details);
}

/** Nothing is guessed about a host that does not say. */
function unread<F extends CommonFacts>(
  host: string,
  facts: F,
  needed: readonly (keyof F & string)[],
): readonly Notice[] {
  const lacking = needed.filter((name) => facts[name] === null);
  return when(lacking.length > 0, 'unread', { host, detail: lacking.join(', ') });
}

function targetRefusals({ host, config }: Aim, target: TargetFacts): readonly Notice[] {
  const { os, arch, container, trial, boot } = target;
  const isKnown = ARCHITECTURES.some((each) => each === arch);
  const isListed = config === 'modules' && (target.hasMoreModules || target.modules.length === 0);
  return [
    ...when(container !== null && container !== 'none', 'target-container', { host, detail: container ?? '' }),
    ...when(arch !== null && !isKnown, 'arch', { host, detail: arch ?? '' }),
    ...when(os !== null && recipeOf(target) === undefined, 'no-recipe', { host, detail: osText(target) }),
    ...helperRefusals(host, target),
    ...when(trial !== null, 'on-trial', { host, id: trial ?? '' }),
    ...spaceRefusals(host, boot, BOOT_SPACE, 'boot-space'),
    ...when(recipeOf(target) === 'deb' && target.config === null, 'no-config', { host, detail: target.release ?? '' }),
    ...when(config === 'modules' && recipeOf(target) !== 'deb', 'modules-of-rpm', { host }),
    ...when(isListed, 'no-modules', { host }),
  ];
}

function helperRefusals(host: string, { helper }: CommonFacts): readonly Notice[] {
  if (helper === 'none') return [notice('no-kernel-helper', { host })];
  return when(helper === 'no-rights', 'no-kernel-rights', { host });
}

/** A kernel that cannot be booted just once is not tried. */
function bootRefusals(host: string, { secureBoot, lockdown, oneShot }: TargetFacts): readonly Notice[] {
  const isLocked = secureBoot !== 'on' && lockdown !== null && lockdown !== 'none';
  return [
    ...when(secureBoot === 'on', 'secure-boot', { host }),
    ...when(isLocked, 'lockdown', { host, detail: lockdown ?? '' }),
    ...(oneShot === null || oneShot === '-'
      ? []
      : [notice(ONE_SHOT[oneShot] ?? 'boot-device', { host, detail: oneShot })]),
  ];
}

const ONE_SHOT: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  'no-bootloader': 'no-bootloader',
  'no-tool': 'no-grub-tool',
  'no-grubenv': 'no-grubenv',
});

function matchRefusals({ host, builder: name }: Aim, target: TargetFacts, builder: BuilderFacts): readonly Notice[] {
  const [needs, has] = [recipeOf(target), builder.recipe];
  const isSame = needs === has && (needs !== 'amzn' || target.os?.version === builder.os?.version);
  const [wanted, found] = [target.arch ?? '', builder.arch ?? ''];
  return [
    ...when(needs !== undefined && has !== null && !isSame, 'other-system', {
      host: name,
      has: osText(builder),
      needs: osText(target),
      target: host,
    }),
    ...when(wanted !== '' && found !== '' && wanted !== found, 'other-arch', { host: name, has: found, needs: wanted }),
  ];
}

function builderRefusals({ builder: host }: Aim, builder: BuilderFacts): readonly Notice[] {
  const { account, missing, missingTools, helper, memory, swap, home, recipe } = builder;
  const total = memory === null ? null : memory + swap;
  const space = recipe === 'deb' ? SPACE.deb : SPACE.rpm;
  return [
    ...when(account === 0, 'builder-root', { host }),
    ...when(missingTools.length > 0, 'no-tools', { host, detail: missingTools.join(', ') }),
    ...when(missing.length > 0 && typeof helper !== 'number', 'cannot-prepare', { host, detail: missing.join(' ') }),
    ...spaceRefusals(host, home, space, 'builder-space'),
    ...when(home.inodes !== null && home.inodes < INODES, 'builder-inodes', {
      host,
      has: String(home.inodes),
      needs: String(INODES),
    }),
    ...when(total !== null && total < LEAST_MEMORY * KIB_A_MIB, 'builder-memory', { host, has: gibibytes(total ?? 0) }),
  ];
}

/** What could not be read is not refused: the builder and the helper look again, and say so. */
function spaceRefusals(host: string, { free }: Disk, needs: number, code: string): readonly Notice[] {
  const isShort = free !== null && free < needs * KIB_A_MIB;
  return when(isShort, code, { host, has: sizeText(Math.floor((free ?? 0) / KIB_A_MIB)), needs: sizeText(needs) });
}

function sourceRefusals(aim: Aim, target: TargetFacts, builder: BuilderFacts): readonly Notice[] {
  const recipe = recipeOf(target);
  if (recipe === undefined || recipe !== builder.recipe) return [];
  const chosen = chooseSource(target, builder, aim.url);
  const willCome = builder.missing.some((name) => name === 'yum-utils' || name === 'dnf-plugins-core');
  const canFetch = recipe === 'deb' || aim.url !== null || willCome || builder.downloader !== 'none';
  return [
    ...when(recipe === 'deb' && aim.url !== null, 'url-of-deb', { host: aim.host }),
    ...(chosen.kind === 'none' ? [noSource(aim, target, chosen)] : []),
    ...when(!canFetch, 'no-downloader', { host: aim.builder }),
  ];
}

/** Both versions are said: which one is to give way is for people to decide. */
function noSource(
  { host, builder, url }: Aim,
  target: TargetFacts,
  { has }: Extract<Chosen, { kind: 'none' }>,
): Notice {
  const running = runningSource(target);
  if (running === null) return notice('no-package', { host, detail: target.release ?? '' });
  const sources = has.map((each) => `${each.package} ${each.version}`).slice(0, 5);
  const details = { host, needs: running.version, has: sources.join(', ') };
  if (url !== null) return notice('other-source', details);
  return notice(sources.length === 0 ? 'no-source' : 'source-version', { ...details, builder });
}

function sourceWarnings(aim: Aim, target: TargetFacts, builder: BuilderFacts): readonly Notice[] {
  const chosen = chooseSource(target, builder, aim.url);
  if (chosen.kind === 'none' || chosen.isExact) return [];
  const running = runningSource(target)?.version ?? '';
  return [notice('source-revision', { host: aim.host, needs: running, has: chosen.source.version })];
}

function osText({ os }: CommonFacts): string {
  return os === null ? '' : `${os.id} ${os.version}`;
}

const MOST_LISTED = 10;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return [...names.slice(0, MOST_LISTED), ...(more > 0 ? [`+${more}`] : [])].join(', ');
}

function gibibytes(kib: number): string {
  return sizeText(Math.floor(kib / KIB_A_MIB));
}

/** Of MiB; never more than there is. */
function sizeText(mib: number): string {
  return mib < MIB_A_GIB ? `${mib} MiB` : `${Math.floor((mib / MIB_A_GIB) * 10) / 10} GiB`;
}

function notice(code: string, details: Notice['details']): Notice {
  return { code, details };
}

function when(isSo: boolean, code: string, details: Notice['details']): readonly Notice[] {
  return isSo ? [notice(code, details)] : [];
}
