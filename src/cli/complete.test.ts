import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { candidates } from './complete.ts';

const program = new Command('tcp-oncall').option('--config <file>');
program
  .command('check')
  .argument('<host>')
  .option('--all')
  .option('--raw <dir>')
  .option('--on <host>')
  .addOption(new Option('--lang <language>').choices(['en', 'ja']));
const hosts = program.command('hosts');
hosts.command('list', { isDefault: true });
hosts.command('test').argument('<host>');

const values = { host: async () => ['web-01', 'web-02', 'check'] };

describe('candidates', () => {
  it.each<[readonly string[], readonly string[]]>([
    [[''], ['check', 'hosts']],
    [['h'], ['hosts']],
    [
      ['check', 'w'],
      ['web-01', 'web-02'],
    ],
    [['check', '--raw', 'w'], []],
    [
      ['check', '--on', 'w'],
      ['web-01', 'web-02'],
    ],
    [
      ['check', '--raw', 'dir', 'w'],
      ['web-01', 'web-02'],
    ],
    [['check', 'web-01', 'w'], []],
    [['check', '--a'], ['--all']],
    [
      ['check', '--lang', ''],
      ['en', 'ja'],
    ],
    [
      ['check', '--lang', '='],
      ['en', 'ja'],
    ],
    [['--config', 'check', 'ho'], ['hosts']],
    [
      ['hosts', ''],
      ['list', 'test'],
    ],
    [['hosts', 'test', 'web-02'], ['web-02']],
    [['nothing', ''], []],
    [[], ['check', 'hosts']],
  ])('%j: %j', async (words, found) => expect(await candidates(words, program, values)).toEqual(found));
});
