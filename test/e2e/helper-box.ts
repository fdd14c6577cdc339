/** A bare machine for the change helper, without sshd: namespaces of its own, and one shell that runs line after line. Needs root. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { changeHelper, HELPER_PATH, stepsText } from '#host/change-helper.ts';
import { type HelperAnswer, readHelperAnswer } from '#host/helper-answer.ts';

export const CONF = '/etc/sysctl.d/99-zz-tcp-oncall.conf';
export const STATE = '/var/lib/tcp-oncall';
export const WORD = 'abcdefgh12345678';

export interface BoxStep {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

export type Answered = HelperAnswer & { readonly status: number; readonly stdout: string };

export interface HelperBox extends AsyncDisposable {
  /** Runs lines of sh; what they print, and their exit status. */
  readonly run: (command: string) => Promise<{ readonly stdout: string; readonly status: number }>;
  /** Runs the helper; rejects when it says nothing that can be read. */
  readonly helper: (words: string, stdin?: string) => Promise<Answered>;
  readonly apply: (id: string, steps: readonly BoxStep[], seconds?: number) => Promise<Answered>;
  /** Blanks between numbers. */
  readonly live: (key: string) => Promise<string>;
  readonly write: (key: string, value: string) => Promise<void>;
  /** The lines of the helper's sysctl file, without comments. */
  readonly file: () => Promise<readonly string[]>;
}

/** Nothing of the machine's own is seen by the helper, and what it starts ends with the box. */
const BUILD = `for place in /var/lib /usr/local/sbin /etc/sysctl.d /run /tmp; do mount -t tmpfs tmpfs $place || exit 9; done
[ ! -e /etc/sysctl.conf ] || mount --bind /dev/null /etc/sysctl.conf
exec sh`;

export function procPath(key: string): string {
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

export async function openHelperBox(): Promise<HelperBox> {
  const flags = ['-m', '-n', '-p', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
  const shell = spawn('unshare', [...flags, 'sh', '-c', BUILD], { stdio: 'pipe' });
  const run = oneAfterTheOther(shell);

  async function helper(words: string, stdin = ''): Promise<Answered> {
    const { stdout, status } = await run(`printf '%s' '${stdin}' | ${HELPER_PATH} 1 ${WORD} ${words} 2>&1`);
    const answer = readHelperAnswer(stdout, WORD);
    if (answer === undefined) throw new Error(`helper ${words} said nothing: ${stdout} (status ${status})`);
    return { ...answer, status, stdout };
  }

  await run(`cat >${HELPER_PATH} <<'END_OF_HELPER'\n${changeHelper()}END_OF_HELPER\nchmod 755 ${HELPER_PATH}`);
  return {
    run,
    helper,
    apply: (id, steps, seconds = 600) => helper(`apply ${id} ${seconds} -`, stepsText(steps)),
    live: async (key) => (await run(`cat ${procPath(key)}`)).stdout.trim().replaceAll(/\s+/g, ' '),
    write: async (key, value) => void (await run(`echo '${value}' >${procPath(key)}`)),
    async file() {
      const { stdout } = await run(`cat ${CONF} 2>/dev/null`);
      return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => shell.once('close', resolve));
      shell.stdin.end();
      await ended;
    },
  };
}

/** Each command's output ends with a line of its own that has its exit status. */
function oneAfterTheOther(shell: ChildProcessWithoutNullStreams): HelperBox['run'] {
  let last: Promise<unknown> = Promise.resolve();
  let number = 0;
  let heard = '';
  let wake = () => {};
  let over = false;
  const hear = (text: string) => {
    heard += text;
    wake();
  };
  shell.stdout.setEncoding('utf8').on('data', hear);
  shell.stderr.setEncoding('utf8').on('data', hear);
  shell.once('close', () => {
    over = true;
    wake();
  });

  async function ask(command: string) {
    number += 1;
    const end = new RegExp(`\\n@@${number} (\\d+)\\n`);
    shell.stdin.write(`{ ${command}\n} </dev/null; printf '\\n@@%s %s\\n' ${number} $?\n`);
    let found = end.exec(heard);
    while (found === null) {
      if (over) throw new Error(`The box has ended: ${heard}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      found = end.exec(heard);
    }
    const stdout = heard.slice(0, found.index);
    heard = heard.slice(found.index + found[0].length);
    return { stdout, status: Number(found[1]) };
  }

  return (command) => {
    const answer = last.then(() => ask(command));
    last = answer.catch(() => {});
    return answer;
  };
}
