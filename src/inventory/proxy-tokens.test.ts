import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTokens } from './proxy-tokens.ts';

const values = { address: '10.0.0.1', name: 'web-01', port: 2200, user: 'ops' };
const fill = (command: string, changes: Partial<typeof values> = {}) => fillTokens(command, { ...values, ...changes });

describe('fillTokens', () => {
  it.each([
    ['nc %h %p', 'nc 10.0.0.1 2200'],
    ['tsh proxy ssh %r@%n:%p', 'tsh proxy ssh ops@web-01:2200'],
    ['date +%%H %%h', 'date +%H %h'],
    ['none of them', 'none of them'],
  ])('%s', (command, filled) => expect(fill(command)).toEqual({ kind: 'filled', command: filled }));

  it.each(['x %C', 'x %', 'x %!'])('refuses what ssh does not know: %s', (command) => {
    expect(fill(command)).toMatchObject({ kind: 'refused' });
  });

  it.each(['$(id)', 'a;b', 'a b', '-oProxyCommand=x', '`id`', 'a\nb', "a'b", '', 'é'])(
    'lets no such address through: %j',
    (address) => {
      expect(fill('nc %h', { address })).toMatchObject({ kind: 'refused' });
      expect(fill('nc %r', { user: address })).toMatchObject({ kind: 'refused' });
      expect(fill('nc x', { address })).toEqual({ kind: 'filled', command: 'nc x' });
    },
  );

  it('never lets a value add anything a shell obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (address) => {
        const filled = fill('%h', { address });
        if (filled.kind === 'filled') expect(filled.command).not.toMatch(/[\s$`'"\\;&|<>(){}*?!~#^]/);
      }),
    );
  });
});
