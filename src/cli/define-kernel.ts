/** Kernels with another TIME_WAIT: asked for, watched, approved gate by gate, taken back. */
import type { Command } from 'commander';
import { parseInterval, USUAL_INTERVAL } from '#domain/interval.ts';
import type { KernelGate } from './command-kernel-decide.ts';
import { asking, type Cli, does, group, refuseValue, subcommand } from './define.ts';

const GATES: readonly KernelGate[] = ['install', 'boot', 'keep'];

export function defineKernel(program: Command, cli: Cli): void {
  const kernel = group(program, 'kernel', cli).addHelpText('after', `\n${cli.say('kernel-more')}`);
  definePlan(kernel, cli);
  defineBuild(kernel, cli);
  defineStatus(kernel, cli);
  defineLog(kernel, cli);
  defineDecisions(kernel, cli);
  defineProvenance(kernel, cli);
}

function definePlan(kernel: Command, cli: Cli): void {
  const command = wanting(subcommand(kernel, 'plan', cli), cli)
    .option('--interval <time>', cli.say('interval'), interval, USUAL_INTERVAL)
    .option('--json', cli.say('json'));
  does(command, cli, async () => (await import('./command-kernel-plan.ts')).planBuild);
}

function defineBuild(kernel: Command, cli: Cli): void {
  const command = wanting(asking(subcommand(kernel, 'build', cli), cli), cli)
    .option('--reason <text>', cli.say('propose-reason'))
    .addHelpText('after', `\n${cli.say('kernel-build-more')}`);
  does(command, cli, async () => (await import('./command-kernel-build.ts')).requestBuild);
}

/** What is wanted: of which host, how long, from what, and built where. */
function wanting(command: Command, cli: Cli): Command {
  return command
    .argument('<host>', cli.say('host'))
    .argument('<timewait>', cli.say('kernel-timewait'), timewait)
    .option('--on <host>', cli.say('kernel-on'))
    .option('--modules', cli.say('kernel-modules'))
    .option('--url <url>', cli.say('kernel-url'));
}

function defineStatus(kernel: Command, cli: Cli): void {
  const command = subcommand(kernel, 'status', cli)
    .argument('[host]', cli.say('host-or-change'))
    .option('--json', cli.say('json'));
  does(command, cli, async () => (await import('./command-kernel-status.ts')).showBuilds);
}

function defineLog(kernel: Command, cli: Cli): void {
  const command = subcommand(kernel, 'log', cli)
    .argument('<change>', cli.say('change-id'))
    .option('-f, --follow', cli.say('kernel-follow'));
  does(command, cli, async () => (await import('./command-kernel-log.ts')).showLog);
}

function defineDecisions(kernel: Command, cli: Cli): void {
  for (const gate of GATES)
    does(deciding(kernel, gate, cli), cli, async () => (await import('./command-kernel-decide.ts')).passGate(gate));
  does(deciding(kernel, 'cancel', cli), cli, async () => (await import('./command-kernel-decide.ts')).cancel);
  const back = deciding(kernel, 'rollback', cli).option('--reason <text>', cli.say('revert-reason'));
  does(back, cli, async () => (await import('./command-kernel-decide.ts')).rollBack);
}

function deciding(kernel: Command, name: string, cli: Cli): Command {
  return asking(subcommand(kernel, name, cli), cli).argument('<change>', cli.say('change-id'));
}

function defineProvenance(kernel: Command, cli: Cli): void {
  const command = subcommand(kernel, 'provenance', cli)
    .argument('<change>', cli.say('change-id'))
    .option('--dir <dir>', cli.say('kernel-dir'))
    .option('--json', cli.say('json'));
  does(command, cli, async () => (await import('./command-kernel-provenance.ts')).showProvenance);
}

/** `timewait=15`, as in Slack; also 15 and 15s. Whether so many are offered is said with the reason. */
function timewait(typed: string): number {
  const [, seconds] = /^(?:timewait=)?(\d{1,4})s?$/i.exec(typed) ?? [];
  return seconds === undefined ? refuseValue('bad-timewait') : Number(seconds);
}

function interval(text: string): number {
  return parseInterval(text) ?? refuseValue('bad-interval');
}
