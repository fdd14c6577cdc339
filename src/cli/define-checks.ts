/** check, plan, replay, explain: what looks at hosts and says what is wrong. */
import type { Command } from 'commander';
import { parseInterval, USUAL_INTERVAL } from '#domain/interval.ts';
import { type Cli, does, refuseValue, showing, subcommand } from './define.ts';

export function defineChecks(program: Command, cli: Cli): void {
  defineCheck(program, cli);
  defineExplain(program, cli);
  defineReplay(program, cli);
  definePlan(program, cli);
}

function defineCheck(program: Command, cli: Cli): void {
  const command = showing(subcommand(program, 'check', cli), cli)
    .argument('<host>', cli.say('host'))
    // One text, as `for 30 s` is one time.
    .argument('[time...]', cli.say('check-time'), (word: string, before = '') => `${before} ${word}`.trim())
    .option('--interval <time>', cli.say('interval'), interval, USUAL_INTERVAL)
    .option('--raw <dir>', cli.say('raw'))
    .addHelpText('after', `\n${cli.say('check-more')}`);
  does(command, cli, async () => (await import('./command-check.ts')).check);
}

function defineExplain(program: Command, cli: Cli): void {
  const command = subcommand(program, 'explain', cli)
    .argument('[id]', cli.say('explain-id'))
    .option('--markdown', cli.say('markdown'));
  does(command, cli, async () => (await import('./command-explain.ts')).explain);
}

function defineReplay(program: Command, cli: Cli): void {
  const command = showing(subcommand(program, 'replay', cli), cli).argument('<dir>', cli.say('replay-dir'));
  does(command, cli, async () => (await import('./command-replay.ts')).replayDirectory);
}

function definePlan(program: Command, cli: Cli): void {
  const command = subcommand(program, 'plan', cli)
    .argument('<host>', cli.say('host'))
    .argument('[fix]', cli.say('plan-fix'))
    .option('--interval <time>', cli.say('interval'), interval, USUAL_INTERVAL)
    .option('--json', cli.say('json'));
  does(command, cli, async () => (await import('./command-plan.ts')).plan);
}

function interval(text: string): number {
  return parseInterval(text) ?? refuseValue('bad-interval');
}
