import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { KERNEL_HELPER_PATH, KERNEL_PROTOCOL, kernelHelper } from './helper.ts';
import { readKernelAnswer } from './helper-answer.ts';

const run = (...words: readonly string[]) => {
  const { stdout, stderr, status } = spawnSync('sh', ['-s', '--', ...words], {
    input: kernelHelper(),
    encoding: 'utf8',
  });
  return { answer: readKernelAnswer(stdout, words[1] ?? ''), stdout, stderr, status };
};

it('tells anyone its version, in any protocol', () => {
  expect(run('99', 'w', 'version')).toMatchObject({ status: 0, answer: { version: expect.any(Number) } });
});

it('says nothing without a word to begin its lines with', () => {
  for (const word of ['', 'W', '../x', '$(id)']) expect(run(String(KERNEL_PROTOCOL), word, 'version').stdout).toBe('');
});

it('is put together whole', () => {
  expect(kernelHelper()).not.toMatch(/^# @|@[A-Z]+@|root-program\.ts/m);
  expect(kernelHelper()).toContain(KERNEL_HELPER_PATH.split('/').at(-1));
});
