/** serve, doctor: the bot, and whether it has what it needs. */
import type { Command } from 'commander';
import { parseRoles, ROLES } from '#serve/roles.ts';
import { type Cli, does, refuseValue, subcommand } from './define.ts';

export function defineBot(program: Command, cli: Cli): void {
  const serve = subcommand(program, 'serve', cli)
    .option('--roles <list>', cli.say('roles'), roles, ROLES.join(','))
    .option('--listen <address:port>', cli.say('listen'))
    .addHelpText('after', `\n${cli.say('serve-more')}`);
  does(serve, cli, async () => (await import('./command-serve.ts')).serveUntilEnd);
  const doctor = subcommand(program, 'doctor', cli).option('--json', cli.say('json'));
  does(doctor, cli, async () => (await import('./command-doctor.ts')).doctor);
}

function roles(text: string): string {
  return parseRoles(text) === undefined ? refuseValue('bad-roles') : text;
}
