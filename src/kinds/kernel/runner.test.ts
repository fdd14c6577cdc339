import { expect, it } from 'vitest';
import { type BuildOrder, runnerInput, runnerProgram } from './runner.ts';

const ORDER: BuildOrder = {
  recipe: 'deb',
  seconds: 15,
  release: '6.1.0-28-amd64',
  arch: 'x86_64',
  source: { package: 'linux-source-6.1', version: '6.1.119-1', url: null },
  config: 'modules',
  configSha: 'ab'.repeat(32),
  modules: ['nvme', 'ena'],
};

it('an order is words, with "-" for what there is not', () => {
  const { argv, stdin } = words(runnerInput('w', 'abcdefgh', { verb: 'build', order: ORDER }));
  expect(argv.slice(3)).toEqual([
    'kernel',
    'w',
    'build',
    'abcdefgh',
    'recipe=deb',
    'seconds=15',
    'release=6.1.0-28-amd64',
    'arch=x86_64',
    'package=linux-source-6.1',
    'version=6.1.119-1',
    'url=-',
    'config=modules',
    `configsha=${'ab'.repeat(32)}`,
    'modules=nvme,ena',
  ]);
  expect(stdin).toContain('deb_missing()');
  expect(stdin?.endsWith('\nmain "$@"\n')).toBe(true);
});

it('the program goes with what may find none, and with nothing that is asked every few seconds', () => {
  const stdinOf = (...[ask]: [Parameters<typeof runnerInput>[2]]) => words(runnerInput('w', 'abcdefgh', ask)).stdin;
  expect(stdinOf({ verb: 'cancel' })).not.toBe('');
  expect(stdinOf({ verb: 'look', line: 3 })).toBe('');
  expect(stdinOf({ verb: 'log', offset: 3 })).toBe('');
});

it('recipes come after the runner, and main last', () => {
  const program = runnerProgram(['first() { :; }\n', 'second() { :; }\n']);
  expect(program.indexOf('first()')).toBeGreaterThan(program.indexOf('\nmain() {'));
  expect(program.endsWith('second() { :; }\n\nmain "$@"\n')).toBe(true);
});

function words(input: ReturnType<typeof runnerInput>) {
  if (input.kind !== 'argv') throw new Error('not an argv');
  return input;
}
