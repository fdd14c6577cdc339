/** The kernel helper on a guest, as its account calls it over SSH, with packages that bin/small-kernel made. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '#change/bound.ts';
import { setupScript } from '#host/host-setup.ts';
import { KERNEL_HELPER_PATH, KERNEL_PROTOCOL, kernelHelper } from '#kinds/kernel/helper.ts';
import { type KernelAnswer, type KernelState, readKernelAnswer } from '#kinds/kernel/helper-answer.ts';
import { orderText } from '#kinds/root-program.ts';
import { changeHelper } from '#kinds/sysctl/helper.ts';
import { kernelText } from '#lab/kernel-order.ts';
import type { Guest } from './guest.ts';

export const OLD = '6.1.192';
const SECONDS = 5;
const WORD = 'abcdefgh12345678';
const LOOK_EVERY_MS = 500;
/** Measuring 60 s, and what an emulated package manager takes. */
const WITHIN_MS = 600_000;

/** What was built, by the change that it was built for. */
export const BUILT = { patched: 'aaaaaaaa', panic: 'bbbbbbbb', 'no-network': 'cccccccc' } as const;
export type Built = keyof typeof BUILT;

export function releaseOf(built: Built): string {
  return `${OLD}-tw${SECONDS}-${BUILT[built]}`;
}

export interface GuestKernel {
  readonly install: (built: Built) => Promise<KernelAnswer>;
  /** `trialSeconds`: how long it waits for somebody to keep it. */
  readonly boot: (built: Built, trialSeconds?: number) => Promise<KernelAnswer>;
  readonly keep: (built: Built) => Promise<KernelAnswer>;
  readonly rollback: (built: Built) => Promise<KernelAnswer>;
  /** Resolves once the change stands so, on whatever boot; rejects when it stands otherwise and nothing goes on. */
  readonly until: (built: Built, state: KernelState) => Promise<KernelAnswer>;
}

/** Makes the guest ready for it. */
export async function openGuestKernel(guest: Guest): Promise<GuestKernel> {
  await prepare(guest);
  const artefacts = new Map<Built, string>();

  async function tell(words: string, input: string | Buffer): Promise<KernelAnswer> {
    const command = `sudo -n ${KERNEL_HELPER_PATH} ${KERNEL_PROTOCOL} ${WORD} ${words}`;
    const { stdout, stderr } = await guest.exec('ops', command, input);
    const answer = readKernelAnswer(stdout, WORD);
    if (answer === undefined) throw new Error(`The helper said nothing to ${words}: ${stdout}${stderr}`);
    return answer;
  }

  const order = (gate: Parameters<typeof kernelText>[0], built: Built, revertSeconds = 600) =>
    orderText(
      kernelText(gate, BUILT[built], { plan: PLAN, artefact: artefacts.get(built) ?? null, revertSeconds }),
      [],
    );

  return {
    async install(built) {
      const packageBytes = await readFile(join(guest.kernels, `debs/${built}.deb`));
      const manifest = manifestOf(built, packageBytes);
      artefacts.set(built, hashOf(manifest));
      const head = `${order('install', built)}manifest ${Buffer.byteLength(manifest)}\n${manifest}`;
      return tell(`install ${BUILT[built]}`, Buffer.concat([Buffer.from(head), packageBytes]));
    },
    boot: (built, seconds) => tell(`boot ${BUILT[built]}`, order('boot', built, seconds)),
    keep: (built) => tell(`keep ${BUILT[built]}`, order('keep', built)),
    rollback: (built) =>
      tell(
        `rollback ${BUILT[built]}`,
        orderText(kernelText('rollback', 'zzzzzzzz', { plan: PLAN, reverts: BUILT[built] }), []),
      ),
    async until(built, state) {
      const deadline = Date.now() + WITHIN_MS;
      for (;;) {
        // Between two boots nothing answers.
        const answer = await tell(`status ${BUILT[built]}`, '').catch(() => undefined);
        if (answer?.state?.name === state) return answer;
        if (isOver(answer) || Date.now() > deadline)
          throw new Error(`Not ${state}: ${JSON.stringify(answer)} ${await guest.console()}`);
        await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
      }
    },
  };
}

const PLAN = { release: OLD, seconds: SECONDS } as const;

function isOver(answer: KernelAnswer | undefined): boolean {
  return ['none', 'reverted', 'fell-back', 'failed'].includes(answer?.state?.name ?? '');
}

/** As its administrator does; orders need no signature there. */
async function prepare(guest: Guest): Promise<void> {
  const kernel = { helper: kernelHelper(), unsigned: true };
  const script = setupScript({ helper: changeHelper(), account: 'ops', publicKey: null, approvers: null, kernel });
  const { status, stderr } = await guest.exec('root', 'sh -s', script);
  if (status !== 0) throw new Error(`The guest cannot be prepared: ${stderr}`);
}

/** As the runner writes it. */
function manifestOf(built: Built, packageBytes: Buffer): string {
  return [
    ['tcp-oncall kernel', '1'],
    ['change', BUILT[built]],
    ['release', releaseOf(built)],
    ['base', OLD],
    ['seconds', SECONDS],
    ['source', 'linux-source-6.1', '6.1.192-3', hashOf('source')],
    ['patch', hashOf('patch')],
    ['configdiff', hashOf('configdiff')],
    ['compiler', 'gcc (Debian 12.2.0-14) 12.2.0'],
    ['log', hashOf('log')],
    ['recipe', 'deb'],
    [
      'file',
      createHash('sha256').update(packageBytes).digest('hex'),
      packageBytes.length,
      `linux-image-${releaseOf(built)}_amd64.deb`,
    ],
    ['end'],
  ]
    .map((words) => `${words.join('\t')}\n`)
    .join('');
}
