import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostName } from '#domain/host.ts';
import { anyText } from '../../test/hostile/any-text.ts';
import { createRecognise } from './recognise.ts';

const host = (name: string, address: string) => ({ name: name as HostName, address });

const recognise = createRecognise([
  host('web-01', '10.0.0.11'),
  host('DB-01', 'db.example.com'),
  host('six', 'fd00::1'),
  host('nat-a', '203.0.113.5'),
  host('nat-b', '203.0.113.5'),
  host('app', '10.0.0.12'),
  host('APP', '10.0.0.13'),
  host('10.0.0.12', '10.9.9.9'),
]);

describe('recognise', () => {
  it.each<[string, readonly string[]]>([
    ['web-01', ['web-01']],
    ['WEB-01', ['web-01']],
    ['db-01', ['DB-01']],
    ['10.0.0.11', ['web-01']],
    ['10.0.0.11:5432', ['web-01']],
    ['web-01:9100', ['web-01']],
    ['DB.example.com:5432', ['DB-01']],
    ['fd00::1', ['six']],
    ['FD00:0:0:0:0:0:0:1', ['six']],
    ['[fd00::1]:22', ['six']],
    ['203.0.113.5', ['nat-a', 'nat-b']],
    ['app', ['app']],
    ['App', ['app', 'APP']],
    ['10.0.0.12', ['10.0.0.12']],
    ['10.0.0.1', []],
    ['web1', []],
    ['', []],
  ])('%s: %j', (typed, names) => expect(recognise(typed)).toEqual(names));

  it('takes anything', () => {
    fc.assert(fc.property(anyText(), (typed) => Array.isArray(recognise(typed))));
  });
});
