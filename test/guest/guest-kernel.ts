/** The kernel helper on a guest, as its account calls it over SSH, with packages that bin/small-kernel made. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '#change/bound.ts';
import { KERNEL_HELPER_PATH, KERNEL_PROTOCOL } from '#kinds/kernel/helper.ts';
import { type KernelAnswer, type KernelState, readKernelAnswer } from '#kinds/kernel/helper-answer.ts';
import { orderText } from '#kinds/root-program.ts';
import { kernelText, manifestText } from '#lab/kernel-order.ts';
import type { Guest } from './guest.ts';
import { setUpGuest } from './set-up-guest.ts';

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

/** Sets the guest up for it. */
export async function openGuestKernel(guest: Guest): Promise<GuestKernel> {
  await setUpGuest(guest);
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
      const name = `linux-image-${releaseOf(built)}_amd64.deb`;
      const file = { name, sha256: sha256Of(packageBytes), bytes: packageBytes.length };
      const manifest = manifestText(BUILT[built], [file], { ...PLAN, built: releaseOf(built) });
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

const PLAN = {
  release: OLD,
  seconds: SECONDS,
  source: { package: 'linux-source-6.1', version: '6.1.192-3', url: null },
} as const;

function isOver(answer: KernelAnswer | undefined): boolean {
  return ['none', 'reverted', 'fell-back', 'failed'].includes(answer?.state?.name ?? '');
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
