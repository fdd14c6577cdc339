/** hosts, host-setup: which hosts there are, whether they let us in, and what makes them ready for changes. */
import type { Command } from 'commander';
import { type Cli, does, group, subcommand } from './define.ts';

export function defineHosts(program: Command, cli: Cli): void {
  const hosts = group(program, 'hosts', cli);
  defineList(hosts, cli);
  defineTest(hosts, cli);
  defineTrust(hosts, cli);
  defineHostSetup(program, cli);
}

function defineList(hosts: Command, cli: Cli): void {
  const command = subcommand(hosts, 'list', cli, { isDefault: true });
  does(command, cli, async () => (await import('./command-list.ts')).list);
}

function defineTest(hosts: Command, cli: Cli): void {
  const command = subcommand(hosts, 'test', cli).argument('<host>', cli.say('host'));
  does(command, cli, async () => (await import('./command-test.ts')).test);
}

function defineTrust(hosts: Command, cli: Cli): void {
  const command = subcommand(hosts, 'trust', cli)
    .argument('<host>', cli.say('host'))
    .option('--yes', cli.say('trust-yes'));
  does(command, cli, async () => (await import('./command-trust.ts')).trust);
}

function defineHostSetup(program: Command, cli: Cli): void {
  const command = subcommand(program, 'host-setup', cli)
    .argument('[host]', cli.say('host'))
    .option('--key <file>', cli.say('setup-key'))
    .option('--remove', cli.say('setup-remove'))
    .option('--apply', cli.say('setup-apply'))
    .option('--as <account>', cli.say('setup-as'))
    .option('--approver-keys [approvals]', cli.say('setup-approver-keys'))
    .option('--break-glass', cli.say('setup-break-glass'))
    .option('--kernel [unsigned]', cli.say('setup-kernel'))
    .option('--script', cli.say('setup-script'));
  does(command, cli, async () => (await import('./command-host-setup.ts')).hostSetup);
}
