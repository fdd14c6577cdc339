/** policy, changes, audit, approve, freeze, unlock, approver-key: who may change what, what was changed, and decisions outside Slack. */
import { type Command, Option } from 'commander';
import type { FreezeOptions } from './command-admin.ts';
import type { ApproveOptions } from './command-approve.ts';
import type { ExportOptions } from './command-audit-export.ts';
import type { VerifyOptions } from './command-audit-verify.ts';
import { type Cli, common, does } from './define.ts';
import type { IdentityOptions } from './identity.ts';

export function defineChanges(program: Command, cli: Cli): void {
  definePolicy(group(program, 'policy', cli), cli);
  defineList(program, cli);
  defineAudit(group(program, 'audit', cli), cli);
  defineApprove(program, cli);
  defineAdmin(program, cli);
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
  const command = acting(program.command('approve'), cli)
    .argument('<change>', cli.say('approve-change'))
    .description(cli.say('approve'))
    .option('--yes', cli.say('approve-yes'));
  does<ApproveOptions>(command, cli, async () => {
    const { approve } = await import('./command-approve.ts');
    return ([change = ''], options, settings) => approve(change, options, settings, cli.world);
  });
}

function defineAdmin(program: Command, cli: Cli): void {
  const freezing = acting(program.command('freeze'), cli)
    .argument('[group]', cli.say('freeze-group'))
    .description(cli.say('freeze'))
    .option('--off', cli.say('freeze-off'));
  does<FreezeOptions>(freezing, cli, async () => {
    const { freeze } = await import('./command-admin.ts');
    return ([group], options, settings) => freeze(group, options, settings, cli.world);
  });
  const unlocking = acting(program.command('unlock'), cli)
    .argument('<host>', cli.say('host'))
    .description(cli.say('unlock'));
  does<IdentityOptions>(unlocking, cli, async () => {
    const { unlock } = await import('./command-admin.ts');
    return ([host = ''], options, settings) => unlock(host, options, settings, cli.world);
  });
}

/** Somebody decides something, and it has to be known who. */
function acting(command: Command, cli: Cli): Command {
  return common(command, cli).option('--user <id>', cli.say('who-user')).option('--key <file>', cli.say('who-key'));
}

function defineApproverKey(program: Command, cli: Cli): void {
  const command = common(program.command('approver-key'), cli)
    .description(cli.say('approver-key'))
    .option('--key <file>', cli.say('approver-key-file'));
  does<{ readonly key?: string }>(command, cli, async () => {
    const { makeKey } = await import('./command-approver-key.ts');
    return (_, options, settings) => makeKey(options, settings, cli.world);
  });
}
