/** hosts, host-setup: which hosts there are, whether they let us in, and what makes them ready for changes. */
import type { Command } from 'commander';
import type { HostSetupOptions } from './command-host-setup.ts';
import { type Cli, common, does, group } from './define.ts';

export function defineHosts(program: Command, cli: Cli): void {
  const hosts = group(program, 'hosts', cli);
  defineList(hosts, cli);
  defineTest(hosts, cli);
  defineTrust(hosts, cli);
  defineHostSetup(program, cli);
}

function defineList(hosts: Command, cli: Cli): void {
  does(common(hosts.command('list', { isDefault: true }), cli).description(cli.say('hosts-list')), cli, async () => {
    const { list } = await import('./command-list.ts');
    return (_, __, session) => list(session);
  });
}

function defineTest(hosts: Command, cli: Cli): void {
  const command = common(hosts.command('test'), cli)
    .argument('<host>', cli.say('host'))
    .description(cli.say('hosts-test'));
  does(command, cli, async () => {
    const { test } = await import('./command-test.ts');
    return ([host = ''], _, session) => test(host, session);
  });
}

function defineTrust(hosts: Command, cli: Cli): void {
  const command = common(hosts.command('trust'), cli)
    .argument('<host>', cli.say('host'))
    .description(cli.say('hosts-trust'))
    .option('--yes', cli.say('trust-yes'));
  does<{ readonly yes?: boolean }>(command, cli, async () => {
    const { trust } = await import('./command-trust.ts');
    return ([host = ''], { yes = false }, session) => trust(host, yes, session);
  });
}

function defineHostSetup(program: Command, cli: Cli): void {
  const command = common(program.command('host-setup'), cli)
    .argument('[host]', cli.say('host'))
    .description(cli.say('host-setup'))
    .option('--key <file>', cli.say('setup-key'))
    .option('--remove', cli.say('setup-remove'))
    .option('--apply', cli.say('setup-apply'))
    .option('--as <account>', cli.say('setup-as'))
    .option('--approver-keys [approvals]', cli.say('setup-approver-keys'))
    .option('--break-glass', cli.say('setup-break-glass'))
    .option('--script', cli.say('setup-script'));
  does<HostSetupOptions>(command, cli, async () => {
    const { hostSetup } = await import('./command-host-setup.ts');
    return ([host], options, session) => hostSetup(host, options, session);
  });
}
