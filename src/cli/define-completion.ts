/** completion: the scripts that let a shell complete our words. */
import { Argument, type Command } from 'commander';
import { SHELLS, type Shell } from './completion-scripts.ts';
import { type Cli, does, subcommand } from './define.ts';
import { STATUS } from './failure.ts';

export function defineCompletion(program: Command, cli: Cli): void {
  const shell = new Argument('<shell>', cli.say('completion-shell')).choices(SHELLS);
  const command = subcommand(program, 'completion', cli).addArgument(shell);
  does(command, cli, async () => {
    const { completionScript } = await import('./completion-scripts.ts');
    return async ({ given: [name] }) => {
      cli.world.stdout.write(completionScript(name as Shell));
      return STATUS.nothing;
    };
  });
}
