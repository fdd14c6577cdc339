/** A bare machine for the kernel helper: real GRUB environment and packages, boots that are played. Needs root. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { KERNEL_HELPER_PATH, KERNEL_PROTOCOL, kernelHelper } from '#kinds/kernel/helper.ts';
import { type KernelAnswer, readKernelAnswer } from '#kinds/kernel/helper-answer.ts';
import { orderText } from '#kinds/root-program.ts';
import { KERNEL_PLAN, kernelText, type ManifestFile, manifestText, releaseOf } from '#lab/kernel-order.ts';
import { type BoxShell, openBoxShell } from './box-shell.ts';

const BUILD = readFileSync(new URL('kernel-box.sh', import.meta.url), 'utf8');
/** The machine of the tests may be a container itself, which the box is not to show. */
const HELPER = kernelHelper().replaceAll('/.dockerenv', '/run/.dockerenv');
const WORD = 'abcdefgh12345678';
export const STATE = '/var/lib/tcp-oncall-kernel';
export const OLD = KERNEL_PLAN.release;
/** GRUB's name of the old kernel's entry. */
export const OLD_ENTRY = `gnulinux-advanced-u1>gnulinux-${OLD}-advanced-u1`;

export type KernelAnswered = KernelAnswer & { readonly status: number; readonly stdout: string };

interface Spoil {
  readonly control: string;
  readonly files: string;
}

/** What a build left in the account's directory. */
export interface Built {
  readonly id: string;
  readonly release: string;
  readonly directory: string;
  readonly manifest: string;
  readonly artefact: string;
  readonly files: readonly ManifestFile[];
}

export interface KernelBox extends BoxShell {
  /** Runs the helper; rejects when it says nothing that can be read. */
  readonly helper: (words: string, stdin?: string) => Promise<KernelAnswered>;
  readonly status: (id: string) => Promise<KernelAnswered>;
  /** Makes a package and its manifest. `control`: of sed, for its control file; `files`: sh that adds to its tree `deb`. */
  readonly build: (id: string, spoil?: Spoil) => Promise<Built>;
  /** With another manifest, which is what was approved. */
  readonly rebuild: (built: Built, manifest: (id: string) => string) => Promise<Built>;
  /** As the account sends it: `order` unless it is given, then the manifest and the files. `tail`: sh that changes what is sent. */
  readonly install: (built: Built, order?: string, tail?: string) => Promise<KernelAnswered>;
  /** The same, beside what the shell does next. */
  readonly installInBackground: (built: Built, tail: string) => Promise<unknown>;
  /** Orders of a later gate, for the packages of a build. */
  readonly boot: (built: Built) => Promise<KernelAnswered>;
  readonly keep: (built: Built) => Promise<KernelAnswered>;
  readonly rollback: (built: Built) => Promise<KernelAnswered>;
  /** Until the helper's work is done that goes on by itself. */
  readonly settled: (id: string) => Promise<KernelAnswered>;
  /** To `installed`. */
  readonly installed: (id: string, timeWait?: string) => Promise<Built>;
  /** The trial is over now, as far as the host knows. */
  readonly hurry: (id: string) => Promise<unknown>;
  /** To a trial that was verified. */
  readonly onTrial: (id: string) => Promise<Built>;
  /** Waits for a condition of sh; rejects when it takes a minute. */
  readonly until: (condition: string) => Promise<void>;
  /** Resolves once the helper has asked the machine to reboot. */
  readonly asksForReboot: () => Promise<unknown>;
  /** Waits for that, and reboots. Says which kernel runs. `panic`: the next kernel does not come up. */
  readonly reboot: (panic?: 'panic') => Promise<string>;
  /** What the programs of the machine were called with. */
  readonly calls: () => Promise<readonly string[]>;
  /** What is there of GRUB, packages and the dead man's switch; for a test that nothing is left. */
  readonly traces: () => Promise<string>;
}

const RUNNING = new Set(['installing', 'booting', 'verifying', 'keeping', 'reverting']);

let serial = 0;
/** Of a change, each time another. */
export function newId(): string {
  serial += 1;
  return `k${'abcdefghij'[serial % 10]}${serial}`;
}

/** One for the tests of a file, as new for each of them. */
export function useKernelBox(): KernelBox {
  const box = {} as KernelBox;
  beforeAll(async () => void Object.assign(box, await openKernelBox()));
  afterAll(() => box[Symbol.asyncDispose]());
  afterEach(() => box.run('box-afresh'));
  return box;
}

async function openKernelBox(): Promise<KernelBox> {
  const shell = openBoxShell(BUILD);
  const { run } = shell;
  await run(
    `cat >${KERNEL_HELPER_PATH} <<'END_OF_HELPER'\n${HELPER}END_OF_HELPER\nchmod 755 ${KERNEL_HELPER_PATH}; box-afresh`,
  );
  const box: KernelBox = {
    run,
    helper: (words, stdin = '') => told(run, `printf '%s' '${stdin}' | ${call(words)}`),
    status: (id) => box.helper(`status ${id}`),
    build: (id, spoil) => build(run, id, spoil),
    rebuild: (built, manifest) => withManifest(run, built, manifest(built.id)),
    install: (built, order, tail) => told(run, sending(built, order, tail)),
    installInBackground: (built, tail) => run(`(${sending(built, undefined, tail)}) >/dev/null & :`),
    boot: ({ id, artefact }) => box.helper(`boot ${id}`, orderText(kernelText('boot', id, { artefact }), [])),
    keep: ({ id, artefact }) => box.helper(`keep ${id}`, orderText(kernelText('keep', id, { artefact }), [])),
    rollback: ({ id }) => box.helper(`rollback ${id}`, orderText(kernelText('rollback', newId(), { reverts: id }), [])),
    async settled(id) {
      let answer = await box.status(id);
      while (RUNNING.has(answer.state?.name ?? '')) {
        await run('/usr/bin/sleep 0.1');
        answer = await box.status(id);
      }
      return answer;
    },
    async installed(id, timeWait = '15.20') {
      const built = await box.build(id);
      await run(`echo ${timeWait} >/run/time-wait-${built.release}`);
      await box.install(built);
      expectState(await box.settled(id), 'installed');
      return built;
    },
    hurry: (id) => run(`echo 1 >/tmp/sooner; cat /tmp/sooner >${STATE}/changes/${id}/due`),
    async onTrial(id) {
      const built = await box.installed(id);
      await box.boot(built);
      await box.reboot();
      expectState(await box.settled(id), 'trial');
      return built;
    },
    async until(condition) {
      const { status } = await run(`timeout 60 sh -c "until ${condition}; do /usr/bin/sleep 0.02; done"`);
      if (status !== 0) throw new Error(`It did not come to: ${condition}`);
    },
    asksForReboot: () => box.until('grep -qs ^shutdown /run/calls'),
    async reboot(panic) {
      await box.asksForReboot();
      await run('sed -i /^shutdown/d /run/calls');
      return (await run(`box-boot ${panic ?? ''}`)).stdout.trim();
    },
    calls: async () => (await run('cat /run/calls')).stdout.trim().split('\n'),
    traces: async () =>
      (
        await run(
          `ls /boot /etc/rc2.d /etc/rc3.d /etc/init.d /etc/grub.d /etc/default/grub.d /etc/systemd/system 2>/dev/null; cat /run/packages /boot/grub/grub.cfg; grub-editenv /boot/grub/grubenv list; ls ${STATE}/armed 2>/dev/null`,
        )
      ).stdout,
    [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
  };
  return box;
}

function sending(
  { id, directory, manifest, artefact, files }: Built,
  order = orderText(kernelText('install', id, { artefact }), []),
  tail = 'cat',
): string {
  const sent = `cat manifest ${files.map(({ name }) => name).join(' ')}`;
  const bytes = Buffer.byteLength(manifest);
  return `cd ${directory}; { printf '%s' '${order}'; { echo 'manifest ${bytes}'; ${sent}; } | ${tail}; } | ${call(`install ${id}`)}`;
}

function call(words: string): string {
  return `${KERNEL_HELPER_PATH} ${KERNEL_PROTOCOL} ${WORD} ${words} 2>&1`;
}

async function told(run: KernelBox['run'], command: string): Promise<KernelAnswered> {
  const { stdout, status } = await run(command);
  const answer = readKernelAnswer(stdout, WORD);
  if (answer === undefined) throw new Error(`The helper said nothing to ${command.slice(-80)}: ${stdout} (${status})`);
  return { ...answer, status, stdout };
}

function expectState({ state, stdout }: KernelAnswered, name: string): void {
  if (state?.name !== name) throw new Error(`The change is not ${name}: ${stdout}`);
}

async function build(
  run: KernelBox['run'],
  id: string,
  { control = '', files: more = '' }: Partial<Spoil> = {},
): Promise<Built> {
  const release = releaseOf(id);
  const [directory, name] = [`/home/${id}`, `linux-image-${release}_1_amd64.deb`];
  const { stdout } = await run(`
mkdir -p ${directory}/deb/DEBIAN ${directory}/deb/boot && cd ${directory}
printf '%s\\n' 'Package: linux-image-${release}' 'Version: 1' 'Architecture: amd64' 'Maintainer: a <a@b>' 'Installed-Size: 9' 'Description: x' >deb/DEBIAN/control
sed -i '${control}' deb/DEBIAN/control
echo kernel >deb/boot/vmlinuz-${release}
${more}
dpkg-deb -b deb ${name} >/dev/null && rm -r deb
sha256sum <${name}; wc -c <${name}`);
  const [sha256 = '', , bytes] = stdout.split(/\s+/);
  const files = [{ name, sha256, bytes: Number(bytes) }];
  return withManifest(run, { id, release, directory, manifest: '', artefact: '', files }, manifestText(id, files));
}

async function withManifest(run: KernelBox['run'], built: Built, manifest: string): Promise<Built> {
  await run(`cat >${built.directory}/manifest <<'END'\n${manifest}END`);
  return { ...built, manifest, artefact: createHash('sha256').update(manifest).digest('hex') };
}
