/** A program that waits where a test tells it to, once, as where a disk hangs: whoever runs it is none the wiser. */
import { basename } from 'node:path';

/** Runs a line of sh where the program is; rejects when that fails. */
export type Shell = (command: string, input?: string) => Promise<string>;

export interface Gate {
  /** Resolves when the program waits, with the id of the session it runs in. */
  readonly reached: () => Promise<number>;
  /** Lets it go on. */
  readonly open: () => Promise<void>;
}

export interface GatedProgram {
  /** A place in the PATH of whoever runs it that comes before the program's own. */
  readonly path: string;
  /** The program's own place, where that is not /usr/bin. */
  readonly real?: string;
  /** Whether it waits before it does its work, or when it has done it. */
  readonly when: 'before' | 'after';
  /** Waits only where these are among its words. */
  readonly words?: string;
}

/** Nothing is left waiting by a test that failed. */
const LONGEST_SECONDS = 300;

/** From now on: the first to come takes the latch and waits, all others pass. */
export async function putGate(shell: Shell, gated: GatedProgram): Promise<Gate> {
  const { path, real = `/usr/bin/${basename(path)}`, when, words = '' } = gated;
  const dir = `${path}.gate`;
  const program = `#!/bin/sh
[ ${when} = before ] || { ${real} "$@"; status=$?; }
case " $* " in
  *'${words}'*)
    if mkdir ${dir}/latch 2>/dev/null; then
      timeout ${LONGEST_SECONDS} sh -c 'cut -d " " -f 6 /proc/self/stat >${dir}/reached; read -r _ <${dir}/open'
    fi
    ;;
esac
[ ${when} = before ] || exit $status
exec ${real} "$@"
`;
  const place = `rm -rf ${dir} && mkdir ${dir} && chmod 777 ${dir} && mkfifo -m 666 ${dir}/reached ${dir}/open`;
  // Somebody may be about to run it.
  await shell(`${place} && cat >${path}.new && chmod 755 ${path}.new && mv ${path}.new ${path}`, program);
  return {
    reached: async () => Number(await shell(`cat ${dir}/reached`)),
    open: async () => void (await shell(`echo >${dir}/open`)),
  };
}
