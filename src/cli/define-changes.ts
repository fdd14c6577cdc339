/** Changes: who may change what, what was changed, every decision on one, and the keys for it. */
import { type Command, Option } from 'commander';
import type { Verb } from './command-decide.ts';
import { acting, asking, type Cli, does, group, refuseValue, subcommand } from './define.ts';

const VERBS: readonly Verb[] = ['approve', 'deny', 'withdraw', 'keep', 'revert', 'extend'];

export function defineChanges(program: Command, cli: Cli): void {
  definePolicy(group(program, 'policy', cli), cli);
  defineList(program, cli);
  defineAudit(group(program, 'audit', cli), cli);
  definePropose(program, cli);
  defineDecisions(program, cli);
  defineAdmin(program, cli);
  defineApproverKey(program, cli);
}

function definePolicy(policy: Command, cli: Cli): void {
  const command = subcommand(policy, 'test', cli).argument('[host]', cli.say('host-or-all'));
  does(command, cli, async () => (await import('./command-policy.ts')).testPolicy);
}

function defineList(program: Command, cli: Cli): void {
  const command = subcommand(program, 'changes', cli)
    .argument('[host]', cli.say('host-or-change'))
    .option('--json', cli.say('json'));
  does(command, cli, async () => (await import('./command-changes.ts')).listChanges);
}

function defineAudit(audit: Command, cli: Cli): void {
  const verify = subcommand(audit, 'verify', cli).option('--posted <seq:digest>', cli.say('audit-posted'));
  does(verify, cli, async () => (await import('./command-audit-verify.ts')).verifyAudit);
  const command = subcommand(audit, 'export', cli)
    .option('--since <time>', cli.say('since'))
    .addOption(new Option('--format <format>', cli.say('format')).choices(['jsonl', 'csv']).default('jsonl'));
  does(command, cli, async () => (await import('./command-audit-export.ts')).exportAudit);
}

/** One decision each on a change that there is. */
function defineDecisions(program: Command, cli: Cli): void {
  for (const verb of VERBS) {
    const command = asking(subcommand(program, verb, cli), cli).argument('<change>', cli.say('change-id'));
    if (verb === 'approve')
      command
        .option('--only <key...>', cli.say('approve-only'))
        .option('--minutes <n>', cli.say('approve-minutes'), minutes);
    if (verb === 'deny') command.requiredOption('--reason <text>', cli.say('deny-reason'));
    if (verb === 'revert') command.option('--reason <text>', cli.say('revert-reason'));
    does(command, cli, async () => (await import('./command-decide.ts')).decideBy(verb));
  }
}

function definePropose(program: Command, cli: Cli): void {
  const command = asking(subcommand(program, 'propose', cli), cli)
    .argument('<host>', cli.say('host'))
    .argument('<fix>', cli.say('propose-fix'))
    .option('--minutes <n>', cli.say('propose-minutes'), minutes)
    .option('--reason <text>', cli.say('propose-reason'))
    .option('--alone', cli.say('propose-alone'));
  does(command, cli, async () => (await import('./command-propose.ts')).propose);
}

function minutes(typed: string): number {
  return /^[1-9]\d{0,3}$/.test(typed) ? Number(typed) : refuseValue('bad-minutes');
}

function defineAdmin(program: Command, cli: Cli): void {
  const freezing = acting(subcommand(program, 'freeze', cli), cli)
    .argument('[group]', cli.say('freeze-group'))
    .option('--off', cli.say('freeze-off'));
  does(freezing, cli, async () => (await import('./command-admin.ts')).freeze);
  const unlocking = acting(subcommand(program, 'unlock', cli), cli).argument('<host>', cli.say('host'));
  does(unlocking, cli, async () => (await import('./command-admin.ts')).unlock);
}

function defineApproverKey(program: Command, cli: Cli): void {
  const command = subcommand(program, 'approver-key', cli).option('--key <file>', cli.say('approver-key-file'));
  does(command, cli, async () => (await import('./command-approver-key.ts')).makeKey);
}
