import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wayIn } from './ansible-way.ts';

describe('wayIn', () => {
  it.each<[string, readonly string[]]>([
    ['-J bastion', ['ssh://bastion']],
    ['-Jops@bastion:2200,inner', ['ssh://ops@bastion:2200', 'ssh://inner']],
    ['-C -o ControlMaster=auto -o ProxyJump=bastion', ['ssh://bastion']],
    ['-oProxyJump=bastion -J later', ['ssh://bastion']],
    ['-o "proxyjump bastion"', ['ssh://bastion']],
    ['-i /keys/Jim -vJ ssh://bastion', ['ssh://bastion']],
    ['-o ProxyJump=none', []],
    ['-o ProxyCommand=none', []],
    [`-o ProxyCommand="ssh -W %h:%p -q ops@bastion"`, ['ssh://ops@bastion']],
    [
      `-o 'ProxyCommand ssh -q -p2200 -l ops -o StrictHostKeyChecking=no bastion -W [%h]:%p'`,
      ['ssh://ops@bastion:2200'],
    ],
  ])('%s', (args, jump) => expect(wayIn(args)).toEqual({ jump }));

  it.each(['', '-C -o ControlPersist=60s', '-i/keys/Jim', '-F -J', '-o'])('says nothing: %j', (args) =>
    expect(wayIn(args)).toEqual({}),
  );

  it.each([
    'nc bastion 22',
    'aws ssm start-session --target %n',
    'ssh -W %h:%p -i key bastion',
    'ssh -W %h:%p -F file bastion',
    'ssh -W other:22 bastion',
    'ssh -W %h:%p bastion other',
    'ssh -W %h:%p -o ProxyCommand=x bastion',
    'sh -c "ssh -W %h:%p bastion"',
    'ssh bastion nc %h %p',
  ])('is the command when it is not a jump: %s', (command) =>
    expect(wayIn(`-o 'ProxyCommand=${command}' -J later`)).toEqual({ jump: [], proxyCommand: command }),
  );

  it.each(['\n', '\0', '\x1B'])('is refused where the command holds %j', (control) =>
    expect(wayIn(`-o 'ProxyCommand=nc %h${control}id'`).unusable).toMatch(/more than one line/),
  );

  it('is refused when a quote is not closed', () => expect(wayIn('-o "ProxyJump=a').unusable).toMatch(/not closed/));

  it('never throws', () => {
    const word = fc.constantFrom(
      '-o',
      '-J',
      '-',
      '--',
      '--J=',
      '-W',
      '%h:%p',
      'ProxyCommand=ssh',
      'a,b',
      '"',
      ' ',
      '=',
    );
    fc.assert(fc.property(fc.array(word, { maxLength: 12 }), (words) => void wayIn(words.join(' '))));
  });
});
