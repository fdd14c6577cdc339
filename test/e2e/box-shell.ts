/** A bare machine without sshd: namespaces of its own, and one shell that runs line after line. Needs root. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

export interface BoxShell extends AsyncDisposable {
  /** Runs lines of sh; what they print, and their exit status. */
  readonly run: (command: string) => Promise<{ readonly stdout: string; readonly status: number }>;
}

/** `build`: sh that makes the machine what it is, and ends with `exec sh`. What is started in it ends with it. */
export function openBoxShell(build: string): BoxShell {
  const flags = ['-m', '-n', '-p', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
  const shell = spawn('unshare', [...flags, 'sh', '-c', build], { stdio: 'pipe' });
  return {
    run: oneAfterTheOther(shell),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => shell.once('close', resolve));
      shell.stdin.end();
      await ended;
    },
  };
}

/** Each command's output ends with a line of its own that has its exit status. */
function oneAfterTheOther(shell: ChildProcessWithoutNullStreams): BoxShell['run'] {
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
