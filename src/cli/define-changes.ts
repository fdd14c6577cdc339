/** policy, changes, audit, approve, approver-key: who may change what, what was changed, and approvals outside Slack. */
import { type Command, Option } from 'commander';
import type { ApproveOptions } from './command-approve.ts';
import type { ExportOptions } from './command-audit-export.ts';
import type { VerifyOptions } from './command-audit-verify.ts';
import { type Cli, common, does } from './define.ts';

export function defineChanges(program: Command, cli: Cli): void {
  definePolicy(group(program, 'policy', cli), cli);
  defineList(program, cli);
  defineAudit(group(program, 'audit', cli), cli);
  defineApprove(program, cli);
  defineApproverKey(program, cli);
}

function group(program: Command, name: 'policy' | 'audit', { say }: Cli): Command {
  return program
    .command(name)
    .description(say(name))
    .helpOption('-h, --help', say('help'))
    .helpCommand('help [command]', say('help-command'));
}

function definePolicy(policy: Command, cli: Cli): void {
  const command = common(policy.command('test'), cli)
    .argument('[host]', cli.say('host-or-all'))
    .description(cli.say('policy-test'));
  does(command, cli, async () => {
    const { testPolicy } = await import('./command-policy.ts');
    return ([host], _, settings) => testPolicy(host, settings, cli.world);
  });
}

function defineList(program: Command, cli: Cli): void {
  const command = common(program.command('changes'), cli)
    .argument('[host]', cli.say('host-or-all'))
    .description(cli.say('changes'))
    .option('--json', cli.say('json'));
  does<{ readonly json?: boolean }>(command, cli, async () => {
    const { listChanges } = await import('./command-changes.ts');
    return ([host], options, settings) => listChanges(host, options, settings, cli.world);
  });
}

function defineAudit(audit: Command, cli: Cli): void {
  const verify = common(audit.command('verify'), cli)
    .description(cli.say('audit-verify'))
    .option('--posted <seq:digest>', cli.say('audit-posted'));
  does<VerifyOptions>(verify, cli, async () => {
    const { verifyAudit } = await import('./command-audit-verify.ts');
    return (_, options, settings) => verifyAudit(options, settings, cli.world);
  });
  const command = common(audit.command('export'), cli)
    .description(cli.say('audit-export'))
    .option('--since <time>', cli.say('since'))
    .addOption(new Option('--format <format>', cli.say('format')).choices(['jsonl', 'csv']).default('jsonl'));
  does<ExportOptions>(command, cli, async () => {
    const { exportAudit } = await import('./command-audit-export.ts');
    return (_, options, settings) => exportAudit(options, settings, cli.world);
  });
}

function defineApprove(program: Command, cli: Cli): void {
  const command = common(program.command('approve'), cli)
    .argument('<change>', cli.say('approve-change'))
    .description(cli.say('approve'))
    .requiredOption('--user <id>', cli.say('approve-user'))
    .option('--key <file>', cli.say('approve-key'))
    .option('--yes', cli.say('approve-yes'));
  does<ApproveOptions>(command, cli, async () => {
    const { approve } = await import('./command-approve.ts');
    return ([change = ''], options, settings) => approve(change, options, settings, cli.world);
  });
}

function defineApproverKey(program: Command, cli: Cli): void {
  const command = common(program.command('approver-key'), cli)
    .description(cli.say('approver-key'))
    .option('--key <file>', cli.say('approver-key-file'));
  does<{ readonly key?: string }>(command, cli, async () => {
    const { makeKey } = await import('./command-approve.ts');
    return (_, options, settings) => makeKey(options, settings, cli.world);
  });
}
