import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { knownHostsOptions, optionsOf, wayThrough } from './openssh-options.ts';

/** What ssh makes of the options, by keyword. */
function read(options: readonly string[]): ReadonlyMap<string, string> {
  const args = ['-G', '-T', '-F', 'none', ...options.flatMap((option) => ['-o', option]), '--', 'web-01'];
  const lines = execFileSync('ssh', args, { encoding: 'utf8' }).trimEnd().split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

describe('optionsOf', () => {
  it('says what our files say, as ssh reads it', () => {
    const said = read(
      optionsOf({
        address: 'fe80::1%eth0',
        port: 2200,
        user: 'ops',
        identityFiles: ['/a b/"key"'],
        hostKeyAlias: 'web',
      }),
    );
    expect(Object.fromEntries(said)).toMatchObject({
      hostname: 'fe80::1%eth0',
      port: '2200',
      user: 'ops',
      identityfile: '/a b/"key"',
      hostkeyalias: 'web',
    });
  });

  it('leaves the rest to ssh', () => expect(optionsOf({ groups: ['web'] })).toEqual([]));
});

describe('knownHostsOptions', () => {
  it('names the files that are read', () => {
    const said = read(knownHostsOptions(['/etc/our hosts', '/b']));
    expect(said.get('userknownhostsfile')).toBe('/etc/our hosts /b');
    expect(said.get('globalknownhostsfile')).toBe('/dev/null');
  });
});

describe('wayThrough', () => {
  it('gives each hop its options, and lets nothing in them reach a shell', () => {
    const hops = [
      { name: 'outer', options: ['IdentityFile="/a\'b%%d"'] },
      { name: 'inner', options: ['Port=2200'] },
    ];
    const way = wayThrough(hops, '/etc/a b');
    // As ssh hands it to the shell for a host, and the shell to the next ssh; printf stands for that.
    const words = (command: string, host: string) =>
      execFileSync(
        '/bin/sh',
        [
          '-c',
          command
            .replaceAll('%%', '\u0000')
            .replaceAll('%h', host)
            .replaceAll('%p', '22')
            .replaceAll('\u0000', '%')
            .replace(/^ssh -v/, String.raw`printf '%s\n'`),
        ],
        { encoding: 'utf8' },
      )
        .trimEnd()
        .split('\n');
    const first = words(way, '10.0.0.1');
    const unattended = first.filter((word) => /^(?!Port|ProxyCommand)\w+=/.test(word));
    expect(unattended).toEqual(expect.arrayContaining(['BatchMode=yes', 'StrictHostKeyChecking=yes']));
    expect(first).toEqual([
      '-F',
      '/etc/a b',
      ...unattended.flatMap((option) => ['-o', option]),
      ...['-o', 'Port=2200', '-o', expect.stringMatching(/^ProxyCommand=ssh -v /)],
      '-W',
      '[10.0.0.1]:22',
      '--',
      'inner',
    ]);
    const second = words(
      String(first.find((word) => word.startsWith('ProxyCommand='))).slice('ProxyCommand='.length),
      'inner',
    );
    expect(second).toContain('IdentityFile="/a\'b%%d"');
    expect(second.slice(-4)).toEqual(['-W', '[inner]:22', '--', 'outer']);
  });
});
