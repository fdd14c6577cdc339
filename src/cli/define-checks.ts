/** check, plan, replay, explain: what looks at hosts and says what is wrong. */
import type { Command } from 'commander';
import { parseInterval, USUAL_INTERVAL } from '#domain/interval.ts';
import type { CheckOptions } from './command-check.ts';
import type { PlanOptions } from './command-plan.ts';
import { type Cli, common, does, refuseValue, showing } from './define.ts';
import type { ShowOptions } from './show-report.ts';

export function defineChecks(program: Command, cli: Cli): void {
  defineCheck(program, cli);
  defineExplain(program, cli);
  defineReplay(program, cli);
  definePlan(program, cli);
}

function defineCheck(program: Command, cli: Cli): void {
  const command = showing(program.command('check'), cli)
    .argument('<host>', cli.say('host'))
    // One text, as `for 30 s` is one time.
    .argument('[time...]', cli.say('check-time'), (word: string, before = '') => `${before} ${word}`.trim())
    .description(cli.say('check'))
    .option('--interval <time>', cli.say('interval'), interval, USUAL_INTERVAL)
    .option('--raw <dir>', cli.say('raw'))
    .addHelpText('after', `\n${cli.say('check-more')}`);
  does<CheckOptions>(command, cli, async () => {
    const { check } = await import('./command-check.ts');
    // An empty list where there is none: commander parses no words that are not there.
    return ([host = '', time], options, session) => check(host, time?.length ? time : undefined, options, session);
  });
}

function defineExplain(program: Command, cli: Cli): void {
  const command = common(program.command('explain'), cli)
    .argument('[id]', cli.say('explain-id'))
    .description(cli.say('explain'))
    .option('--markdown', cli.say('markdown'));
  does<{ readonly markdown?: boolean }>(command, cli, async () => {
    const { explain } = await import('./command-explain.ts');
    return ([id], { markdown = false }, session) => explain(id, markdown, session);
  });
}

function defineReplay(program: Command, cli: Cli): void {
  const command = showing(program.command('replay'), cli)
    .argument('<dir>', cli.say('replay-dir'))
    .description(cli.say('replay'));
  does<ShowOptions>(command, cli, async () => {
    const { replayDirectory } = await import('./command-replay.ts');
    return ([dir = ''], options, session) => replayDirectory(dir, options, session);
  });
}

function definePlan(program: Command, cli: Cli): void {
  const command = common(program.command('plan'), cli)
    .argument('<host>', cli.say('host'))
    .argument('[fix]', cli.say('plan-fix'))
    .description(cli.say('plan'))
    .option('--interval <time>', cli.say('interval'), interval, USUAL_INTERVAL)
    .option('--json', cli.say('json'));
  does<PlanOptions>(command, cli, async () => {
    const { plan } = await import('./command-plan.ts');
    return ([host = '', fix], options, session) => plan(host, fix, options, session);
  });
}

function interval(text: string): number {
  return parseInterval(text) ?? refuseValue('bad-interval');
}
