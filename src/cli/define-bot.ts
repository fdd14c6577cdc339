/** serve, doctor: the bot, and whether it has what it needs. */
import type { Command } from 'commander';
import { parseRoles, ROLES } from '#serve/roles.ts';
import { type Cli, common, does, refuseValue } from './define.ts';

export function defineBot(program: Command, cli: Cli): void {
  const serve = common(program.command('serve'), cli)
    .description(cli.say('serve'))
    .option('--roles <list>', cli.say('roles'), roles, ROLES.join(','))
    .option('--listen <address:port>', cli.say('listen'))
    .addHelpText('after', `\n${cli.say('serve-more')}`);
  does(serve, cli, async () => (await import('./command-serve.ts')).serveUntilEnd);
  const doctor = common(program.command('doctor'), cli)
    .description(cli.say('doctor'))
    .option('--json', cli.say('json'));
  does(doctor, cli, async () => (await import('./command-doctor.ts')).doctor);
}

function roles(text: string): string {
  return parseRoles(text) === undefined ? refuseValue('bad-roles') : text;
}
