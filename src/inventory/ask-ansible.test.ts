import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ansibleHosts } from './ansible-groups.ts';
import { askAnsible, parseAnswer, reasonIn } from './ask-ansible.ts';

describe('parseAnswer', () => {
  it.each([
    '',
    '[]',
    '{}',
    '{"_meta": {}}',
    '{"_meta": {"hostvars": {"a": []}}}',
    '{"_meta": {"hostvars": {}}, "web": {"hosts": "a"}}',
    '{"_meta": {"hostvars": {}}, "web": {"children": [1]}}',
    'Using /etc/ansible/ansible.cfg as config file\n{"_meta": {"hostvars": {}}}',
  ])('refuses what is no inventory: %s', (text) => {
    const answer = parseAnswer(text);
    expect(answer.kind === 'failed' && answer.why).toMatch(/^its answer is not an inventory \(/);
  });

  it('keeps names that mean something to JavaScript as names', () => {
    const answer = parseAnswer(
      '{"_meta": {"hostvars": {"constructor": {"ansible_user": "u"}, "__proto__": {"ansible_user": "v"}}}, "toString": {"hosts": ["constructor", "valueOf"]}}',
    );
    if (answer.kind !== 'groups') throw new Error(JSON.stringify(answer));
    expect([...ansibleHosts(answer, '/')]).toEqual([
      ['constructor', { groups: ['toString'], user: 'u' }],
      ['valueOf', { groups: ['toString'] }],
    ]);
    expect(Object.prototype).not.toHaveProperty('ansible_user');
  });

  it('never throws, whatever JSON it gets', () => {
    fc.assert(fc.property(fc.json(), (text) => void parseAnswer(text)));
    const group = fc.record({
      hosts: fc.array(fc.string()),
      children: fc.array(fc.constantFrom('a', 'b', 'c', 'all')),
    });
    const hostvars = fc.dictionary(fc.string(), fc.dictionary(fc.constantFrom('ansible_host', 'x'), fc.jsonValue()));
    fc.assert(
      fc.property(fc.record({ _meta: fc.record({ hostvars }), a: group, b: group, all: group }), (document) => {
        const answer = parseAnswer(JSON.stringify(document));
        if (answer.kind !== 'groups') throw new Error(JSON.stringify(answer));
        ansibleHosts(answer, '/');
      }),
    );
  });

  it('takes groups within groups, each in many, in linear time', () => {
    const levels = 60;
    const pairs = Array.from({ length: levels }, (_, level) => ['a', 'b'].map((side) => `${side}${level}`));
    const groups = pairs.flatMap((pair, level) =>
      pair.map((name) => [name, { children: pairs[level + 1] ?? ['end'] }]),
    );
    const document = { _meta: { hostvars: {} }, ...Object.fromEntries(groups), end: { hosts: ['h'] } };
    const answer = parseAnswer(JSON.stringify(document));
    if (answer.kind !== 'groups') throw new Error(JSON.stringify(answer));
    expect(ansibleHosts(answer, '/').get('h')?.groups).toEqual([...pairs.flat(), 'end']);
  });
});

describe('reasonIn', () => {
  it.each([
    ['ERROR! Attempting to decrypt but no vault secrets found\n', 'Attempting to decrypt but no vault secrets found'],
    [
      '[WARNING]:  * Failed to parse /x with auto plugin: no\nsuch thing.\n[WARNING]:  * Failed to parse /x with ini plugin: y\nERROR! Completely failed to parse inventory source /x\n',
      'Failed to parse /x with auto plugin: no such thing',
    ],
    // ansible-core 2.19
    [
      "[WARNING]: Failed to parse inventory with 'ini' plugin: no\n\n[ERROR]: Completely failed to parse inventory source '/x'\n",
      "Failed to parse inventory with 'ini' plugin: no",
    ],
    ['Traceback (most recent call last):\n  x\nKeyError: 1', 'Traceback (most recent call last): x KeyError: 1'],
    ['', ''],
  ])('%j', (said, reason) => expect(reasonIn(said)).toBe(reason));

  it('is short', () => expect(reasonIn(`ERROR! ${'x'.repeat(9000)}`).length).toBeLessThan(500));
});

describe('askAnsible', () => {
  const ask = (path: string) =>
    askAnsible({ files: ['/x'], directory: '/', env: { PATH: path }, signal: new AbortController().signal });

  it('says so where there is no ansible-inventory', async () =>
    expect(await ask('/nonexistent')).toEqual({ kind: 'absent' }));

  it.each([
    ['#!/bin/sh\nexec /usr/bin/yes\n', 'it ended with an answer of more than 64 MiB'],
    ['#!/bin/sh\nexit 7\n', 'it ended with 7'],
    ['#!/bin/sh\nkill -9 $$\n', 'it ended with SIGKILL'],
    ['no program', 'it ended with EACCES'],
  ])('bounds what it answers: %j', async (program, why) => {
    const dir = await mkdtemp(join(tmpdir(), 'ask-ansible-'));
    await writeFile(join(dir, 'ansible-inventory'), program);
    if (program.startsWith('#!')) await chmod(join(dir, 'ansible-inventory'), 0o755);
    expect(await ask(dir)).toEqual({ kind: 'failed', why });
    await rm(dir, { recursive: true });
  });
});
