/** A bare machine for the change helper. Needs root. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import { changeHelper, HELPER_PATH } from '#kinds/sysctl/helper.ts';
import type { HelperAnswer } from '#kinds/sysctl/helper-answer.ts';
import { CONF, HELPER, helperSaid, STATE } from '#lab/helper-on-host.ts';
import { helperOrder, type OrderStep } from '#lab/helper-order.ts';
import { type BoxShell, openBoxShell } from './box-shell.ts';

/** Of the timer's command line. */
export const TIMER = 'internal wait';

/** How often a poll looks. */
export const SOON = { interval: 100 };

export const SYN: OrderStep = { key: 'net.ipv4.tcp_syn_retries', from: '6', to: '5' };
export const FIN: OrderStep = { key: 'net.ipv4.tcp_fin_timeout', from: '60', to: '20' };

let serial = 0;
/** Of a change, each time another. */
export function newId(): string {
  serial += 1;
  return `d${serial}`;
}

export type Answered = HelperAnswer & { readonly status: number; readonly stdout: string };

export interface HelperBox extends BoxShell {
  /** Runs the helper; rejects when it says nothing that can be read. */
  readonly helper: (words: string, stdin?: string) => Promise<Answered>;
  readonly apply: (id: string, steps: readonly OrderStep[], seconds?: number) => Promise<Answered>;
  /** What was applied here. */
  readonly keep: (id: string) => Promise<Answered>;
  /** Blanks between numbers. */
  readonly live: (key: string) => Promise<string>;
  readonly write: (key: string, value: string) => Promise<void>;
  /** The lines of the helper's sysctl file, without comments. */
  readonly file: () => Promise<readonly string[]>;
  /** What is in force of `SYN`, and the lines of the file. */
  readonly synNow: () => Promise<{ readonly live: string; readonly file: readonly string[] }>;
  /** As the journal says it, without asking the helper. */
  readonly stateOf: (change: string) => Promise<string>;
  /** The trial is over now, as far as the host knows. */
  readonly hurry: (change: string) => Promise<unknown>;
  /** No change was ever made here. Begins so. */
  readonly afresh: () => Promise<void>;
}

/** Nothing of the machine's own is seen by the helper, and what it starts ends with the box. */
const BUILD = `for place in /var/lib /usr/local/sbin /etc/sysctl.d /run /tmp; do mount -t tmpfs tmpfs $place || exit 9; done
[ ! -e /etc/sysctl.conf ] || mount --bind /dev/null /etc/sysctl.conf
exec sh`;

export function procPath(key: string): string {
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

/** One for the tests of a file, as new for each of them. */
export function useHelperBox(): HelperBox {
  const box = {} as HelperBox;
  beforeAll(async () => void Object.assign(box, await openHelperBox()));
  afterAll(() => box[Symbol.asyncDispose]());
  afterEach(() => box.afresh());
  return box;
}

async function openHelperBox(): Promise<HelperBox> {
  const shell = openBoxShell(BUILD);
  const { run } = shell;
  const applied = new Map<string, readonly OrderStep[]>();

  async function helper(words: string, stdin = ''): Promise<Answered> {
    const { stdout, status } = await run(`printf '%s' '${stdin}' | ${HELPER} ${words} 2>&1`);
    return { ...helperSaid(stdout, ` to ${words} (status ${status})`), status, stdout };
  }

  const live = async (key: string) => (await run(`cat ${procPath(key)}`)).stdout.trim().replaceAll(/\s+/g, ' ');
  const write = async (key: string, value: string) => void (await run(`echo '${value}' >${procPath(key)}`));

  async function file(): Promise<readonly string[]> {
    const { stdout } = await run(`cat ${CONF} 2>/dev/null`);
    return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  }

  async function afresh(): Promise<void> {
    await run(
      `umount -l ${STATE} 2>/dev/null; rm -rf ${STATE} ${CONF} /tmp/*; find /usr/local/sbin -type f ! -name tcp-oncall-helper -delete`,
    );
    for (const { key, from } of [SYN, FIN]) await write(key, from);
  }

  await run(`cat >${HELPER_PATH} <<'END_OF_HELPER'\n${changeHelper()}END_OF_HELPER\nchmod 755 ${HELPER_PATH}`);
  await afresh();
  return {
    run,
    helper,
    apply(id, steps, seconds = 600) {
      applied.set(id, steps);
      return helper(`apply ${id}`, helperOrder('apply', id, steps, { revertSeconds: seconds }));
    },
    keep: (id) => helper(`keep ${id}`, helperOrder('keep', id, applied.get(id) ?? [SYN])),
    live,
    write,
    file,
    synNow: async () => ({ live: await live(SYN.key), file: await file() }),
    stateOf: async (change) => (await run(`head -n 1 ${STATE}/changes/${change}/state`)).stdout.trim(),
    hurry: (change) => run(`echo 1 >/tmp/sooner; cat /tmp/sooner >${STATE}/changes/${change}/due`),
    afresh,
    [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
  };
}
