/** serve, doctor: the bot, and whether it has what it needs. */
import type { Command } from 'commander';
import { parseRoles, ROLES } from '#serve/roles.ts';
import type { DoctorOptions } from './command-doctor.ts';
import { type Cli, common, does, refuseValue } from './define.ts';
import type { ServeOptions } from './world.ts';

export function defineBot(program: Command, cli: Cli): void {
  const serve = common(program.command('serve'), cli)
    .description(cli.say('serve'))
    .option('--roles <list>', cli.say('roles'), roles, ROLES.join(','))
    .option('--listen <address:port>', cli.say('listen'))
    .addHelpText('after', `\n${cli.say('serve-more')}`);
  does<ServeOptions>(serve, cli, async () => {
    const { serveUntilEnd } = await import('./command-serve.ts');
    return (_, options, session) => serveUntilEnd(options, session);
  });
  const doctor = common(program.command('doctor'), cli)
    .description(cli.say('doctor'))
    .option('--json', cli.say('json'));
  does<DoctorOptions>(doctor, cli, async () => {
    const command = await import('./command-doctor.ts');
    return (_, options, session) => command.doctor(options, session);
  });
}

function roles(text: string): string {
  return parseRoles(text) === undefined ? refuseValue('bad-roles') : text;
}
