import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ansibleHosts } from './ansible-groups.ts';
import { parseAnsibleYaml } from './ansible-yaml.ts';

function hosts(text: string) {
  const parsed = parseAnsibleYaml(text);
  if (parsed.kind !== 'groups') throw new Error(`line ${parsed.line}: ${parsed.why}`);
  return ansibleHosts(parsed, '/home/ann');
}

const INVENTORY = `
all:
  vars: { ansible_user: oncall }
  hosts:
    mail.example.com:
  children:
    web:
      hosts:
        web[01:02]:
          ansible_port: 2222
          secret: !vault |
            66386439
      vars:
        ansible_user: webber
    prod:
      children:
        web:
        db: { hosts: { db-01: { ansible_host: 10.0.0.7 } } }
`;

describe('parseAnsibleYaml', () => {
  it('reads hosts with what they inherit', () => {
    const known = hosts(INVENTORY);
    expect(known.get('mail.example.com')).toEqual({ groups: [], user: 'oncall' });
    expect(known.get('web02')).toEqual({ groups: ['prod', 'web'], user: 'webber', port: 2222 });
    expect(known.get('db-01')).toEqual({ groups: ['prod', 'db'], user: 'oncall', address: '10.0.0.7' });
  });

  it.each([
    ['all:\n  host: {}\n', 2, '"host" is not hosts, vars or children'],
    ['all:\n  hosts:\n    - web-01\n', 3, 'all.hosts is not a mapping'],
    ['all:\n  hosts:\n    web[3:1]:\n', 3, '"web[3:1]" is not a host or a range of hosts'],
    ['just text\n', 1, 'the inventory is not a mapping'],
  ])('names the line it cannot read: %j', (text, line, why) =>
    expect(parseAnsibleYaml(text)).toEqual({ kind: 'garbled', line, why }),
  );

  it('never throws', () => {
    const piece = fc.constantFrom(
      'all:',
      'hosts:',
      'children:',
      ' ',
      '  ',
      '\n',
      '- ',
      '{',
      '}',
      'a: ',
      '&x ',
      '*x',
      '!t ',
      '"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const parsed = parseAnsibleYaml(pieces.join(''));
        if (parsed.kind === 'groups') ansibleHosts(parsed, '/');
      }),
    );
  });
});
