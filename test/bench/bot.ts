/** Figures of the bot as a whole: acknowledgements, first verdicts, checks a second, CPU, memory. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { openLab } from '#lab/lab.ts';
import { startLocalSlack } from '#local-slack/local-slack.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { startServe } from '../bot/serve-process.ts';
import { PROGRAM } from '../built.ts';
import { ask, keepBusy } from './crowd.ts';
import { type Figure, median } from './figure.ts';
import { startRecordedHosts } from './recorded-hosts.ts';

const CROWD = 50;
const ROUNDS = 7;
const ACK_MS = 100;
const [AT_REST_MB, BUSY_MB] = [200, 350];
const CHECKS_A_SECOND = 20;
const WHEN_AT_ONCE = { checksASecond: 40, cpuMs: 20, portion: CROWD * 6, portions: 3 };
/** What /proc/PID/stat counts in, on every Linux that Node.js runs on. */
const TICK_MS = 10;

export async function bot(): Promise<readonly Figure[]> {
  return [...(await onRealHosts()), ...(await onRecordedHosts())];
}

async function onRealHosts(): Promise<readonly Figure[]> {
  await using lab = await openLab({ name: 'benchbot', hosts: CROWD });
  await using slack = await startLocalSlack();
  const config = { serve: { checks: CROWD } };
  const serve = await startServe({ hosts: lab.paths.config, config, env: slackEnvironment(slack) });
  try {
    await slack.until(({ connected }) => connected);
    const atRest = await megabytes(serve.pid, 'VmRSS');
    const [first, command] = await firstVerdicts(lab.paths.config, slack);
    const hosts = lab.hosts.map(({ name }) => name);
    const asked = await Promise.all(hosts.map((host) => ask(slack, host, 5)));
    const acks = asked.map(({ ack }) => ack).toSorted((a, b) => a - b);
    const busy = await megabytes(serve.pid, 'VmHWM');
    const p99 = acks.at(Math.ceil(acks.length * 0.99) - 1) ?? Number.NaN;
    const { ended, seconds } = await keepBusy(slack, hosts, CROWD * 2);
    return [
      figure(
        `acknowledgement of a command while ${CROWD} checks run, 99th percentile, to ${ACK_MS} ms`,
        1,
        p99 / ACK_MS,
        `${p99.toFixed(0)} ms; median ${median(acks).toFixed(0)} ms`,
      ),
      figure(
        'command in Slack to first verdict on the card, warm, to `tcp-oncall check` of the same host to its first verdict',
        1.3,
        first / command,
        `${first.toFixed(0)} ms : ${command.toFixed(0)} ms`,
      ),
      figure(`memory of \`serve\` at rest, to ${AT_REST_MB} MB`, 1, atRest / AT_REST_MB, `${atRest.toFixed(0)} MB`),
      figure(
        `the same with ${CROWD} checks running, at its highest, to ${BUSY_MB} MB`,
        1,
        busy / BUSY_MB,
        `${busy.toFixed(0)} MB`,
      ),
      figure(
        `${CHECKS_A_SECOND} checks a second, to those of one worker against ${CROWD} hosts on this machine (interval 1 s)`,
        1,
        CHECKS_A_SECOND / (ended / seconds),
        `${CHECKS_A_SECOND} : ${(ended / seconds).toFixed(1)}`,
      ),
    ];
  } finally {
    await serve.stop();
  }
}

/** Without the hosts' own work, which shares the processors with us here. */
async function onRecordedHosts(): Promise<readonly Figure[]> {
  const recorded = await startRecordedHosts(CROWD);
  await using slack = await startLocalSlack();
  const serve = await startServe({
    hosts: recorded.config,
    config: { serve: { checks: CROWD } },
    env: slackEnvironment(slack),
  });
  try {
    await slack.until(({ connected }) => connected);
    const { checksASecond, cpuMs, portion, portions } = WHEN_AT_ONCE;
    const measured: { rate: number; cpu: number }[] = [];
    // While the first portion runs, code is compiled.
    for (let done = 0; done <= portions; done++) {
      const before = await cpuOf(serve.pid);
      const { ended, seconds } = await keepBusy(slack, recorded.names, portion);
      if (done > 0) measured.push({ rate: ended / seconds, cpu: ((await cpuOf(serve.pid)) - before) / ended });
      // What this Slack looks through shares the processors with us.
      slack.forget();
    }
    const [rate, cpu] = [median(measured.map((each) => each.rate)), median(measured.map((each) => each.cpu))];
    return [
      figure(
        `${checksASecond} checks a second, to those of one worker when hosts answer at once`,
        1,
        checksASecond / rate,
        `${checksASecond} : ${rate.toFixed(1)}`,
      ),
      figure(
        `CPU of \`serve\` for each of these checks, all its threads, to ${cpuMs} ms`,
        1,
        cpu / cpuMs,
        `${cpu.toFixed(1)} ms`,
      ),
    ];
  } finally {
    await serve.stop();
    await recorded.stop();
  }
}

/** Medians of both, in turn; the bot's connection is open already. */
async function firstVerdicts(
  config: string,
  slack: Awaited<ReturnType<typeof startLocalSlack>>,
): Promise<readonly [number, number]> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  await ask(slack, 'web-01', 1);
  for (let round = 0; round < ROUNDS; round++) {
    ours.push((await ask(slack, 'web-01', 1)).firstVerdict);
    theirs.push(await firstOfCommand(config));
  }
  return [median(ours), median(theirs)];
}

/** The command says its first verdicts on a terminal only: script(1) gives it one. */
function firstOfCommand(config: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const command = `${process.execPath} ${PROGRAM} check web-01 --interval 1s --config ${config}`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8', TERM: 'xterm' },
    });
    let [said, first] = ['', Number.NaN];
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (Number.isNaN(first) && said.includes('so far')) first = performance.now() - began;
    });
    child.on('close', () =>
      Number.isNaN(first) ? reject(new Error(`The command said no first verdict: ${said}`)) : resolve(first),
    );
  });
}

/** Milliseconds of user and system time of a process, all its threads included, and without its children. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  if (user === undefined || system === undefined) throw new Error(`There is no CPU in ${stat}.`);
  return (user + system) * TICK_MS;
}

async function megabytes(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

function figure(what: string, limit: number, ratio: number, made: string): Figure {
  return { what, ratio, limit, made };
}
