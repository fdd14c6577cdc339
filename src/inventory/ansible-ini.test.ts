import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ansibleHosts } from './ansible-groups.ts';
import { parseAnsibleIni } from './ansible-ini.ts';

function hosts(text: string) {
  const parsed = parseAnsibleIni(text);
  if (parsed.kind !== 'groups') throw new Error(`line ${parsed.line}: ${parsed.why}`);
  return ansibleHosts(parsed, '/home/ann');
}

const INVENTORY = `
# a comment
jump.example.com ansible_user=root

[web]
web[01:03].example.com ansible_port=2222   # the front
web-x ansible_host=10.0.0.9 ansible_user="on call" ansible_ssh_private_key_file='~/.ssh/web key'

[db]
db-[a:c]:2200
; another comment

[prod:children]
web
db

[prod:vars]
ansible_user=oncall
ansible_port = 22

[web:vars]
ansible_user = "webber"
`;

describe('parseAnsibleIni', () => {
  it('expands ranges of numbers, with their zeros, and of letters', () => {
    expect([...hosts(INVENTORY).keys()].sort()).toEqual([
      'db-a',
      'db-b',
      'db-c',
      'jump.example.com',
      'web-x',
      'web01.example.com',
      'web02.example.com',
      'web03.example.com',
    ]);
  });

  it('lets a host win over its group, and a group over its parent', () => {
    const known = hosts(INVENTORY);
    expect(known.get('web01.example.com')).toEqual({ groups: ['prod', 'web'], user: 'webber', port: 2222 });
    expect(known.get('db-b')).toEqual({ groups: ['prod', 'db'], user: 'oncall', port: 2200 });
    expect(known.get('jump.example.com')).toEqual({ groups: [], user: 'root' });
  });

  it('takes quotes off and puts the home directory in', () => {
    expect(hosts(INVENTORY).get('web-x')).toEqual({
      groups: ['prod', 'web'],
      address: '10.0.0.9',
      port: 22,
      user: 'on call',
      identityFiles: ['/home/ann/.ssh/web key'],
    });
  });

  it('counts ranges in steps', () => {
    expect([...hosts('n[1:9:4]\n').keys()]).toEqual(['n1', 'n5', 'n9']);
  });

  it('survives groups that contain each other', () => {
    expect(hosts('[a]\nh\n[a:children]\nb\n[b:children]\na\n').get('h')?.groups).toEqual(['a', 'b']);
  });

  it('does not use a host whose login only Ansible can work out', () => {
    expect(hosts('h ansible_host="{{ lookup(1) }}"\n').get('h')?.unusable).toMatch(/template/);
    expect(hosts('h ansible_port=99999\n').get('h')?.unusable).toMatch(/port 99999/);
  });

  it.each([
    ['[web\nh\n', 1, '"[web" is not a section: write [group], [group:vars] or [group:children]'],
    ['[a:group]\n', 1, '":group" is neither :vars nor :children'],
    ['h\n\nweb[9:1]\n', 3, '"web[9:1]" is not a host or a range of hosts'],
    ['h a="b\n', 1, '"h a="b" has a quote that is not closed'],
    ['h key\n', 1, '"key" sets no variable: write name=value'],
    ['[a:vars]\nkey\n', 2, '"key" sets no variable: write name=value'],
    ['[a:children]\nb c\n', 2, '"b c" is not the name of a group'],
  ])('names the line it cannot read: %j', (text, line, why) =>
    expect(parseAnsibleIni(text)).toEqual({ kind: 'garbled', line, why }),
  );

  it('never throws', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      'web',
      ':',
      'vars',
      'children',
      '01',
      '9',
      'a',
      '=',
      '"',
      "'",
      '\\',
      '#',
      ' ',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const parsed = parseAnsibleIni(text);
        if (parsed.kind === 'groups') ansibleHosts(parsed, '/');
        else expect(parsed.line).toBeLessThanOrEqual(text.split('\n').length);
      }),
    );
  });

  it('finds every host of any range it accepts', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (first, more) => {
        const names = [...hosts(`h[${first}:${first + more}]\n`).keys()];
        expect(names).toEqual(Array.from({ length: more + 1 }, (_, index) => `h${first + index}`));
      }),
    );
  });
});
