import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswer, withoutSsh } from './ask-ssh.ts';
import { knowsHost, literalHosts, parseSshConfig } from './ssh-config.ts';

const CONFIG = `
# Host commented
Host web-01 web-02 !x
  HostName=10.0.0.1
host "quoted"
Host *.lab
	hostname %h.example.com
Match originalhost a,b exec "true"
  User x
Host *
  User root
Include conf.d/* "~/other file"
`;

describe('parseSshConfig', () => {
  const { blocks, includes } = parseSshConfig(CONFIG);

  it('finds the names written out in full', () => {
    expect(literalHosts(blocks)).toEqual(['web-01', 'web-02', 'quoted', 'a', 'b']);
  });

  it('finds what to include', () => expect(includes).toEqual(['conf.d/*', '~/other file']));

  it.each([
    ['web-01', true],
    ['a', true],
    ['box.lab', true],
    ['commented', false],
    ['anything', false],
    ['x', false],
  ])('knows %s: %s', (name, known) => expect(knowsHost(blocks, name)).toBe(known));

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('Host ', 'Match host ', 'Include '), (text, keyword) => {
        knowsHost(parseSshConfig(`${keyword}${text}`).blocks, text);
      }),
    );
  });
});

describe('parseAnswer', () => {
  it('reads what ssh -G says, without the keys it lists for everybody', () => {
    const answer =
      'user ann\nhostname 10.0.0.1\nport 2200\nidentityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/web\nproxyjump a,ops@b:2\n';
    expect(parseAnswer(answer, '/home/ann').entry).toEqual({
      user: 'ann',
      address: '10.0.0.1',
      port: 2200,
      identityFiles: ['/home/ann/.ssh/web'],
      jump: ['ssh://a', 'ssh://ops@b:2'],
    });
  });
});

describe('withoutSsh', () => {
  it('reads the file itself where there is no ssh', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ssh-config-'));
    const file = join(dir, 'config');
    try {
      await writeFile(
        file,
        'Host web-01\n  HostName 10.0.0.1\n  Port 2200\n  IdentityFile ~/.ssh/web\n  ProxyJump a,b\nHost *\n  User root\n',
      );
      expect((await withoutSsh('web-01', file, '/home/ann')).entry).toEqual({
        address: '10.0.0.1',
        port: 2200,
        user: 'root',
        identityFiles: ['/home/ann/.ssh/web'],
        jump: ['ssh://a', 'ssh://b'],
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
