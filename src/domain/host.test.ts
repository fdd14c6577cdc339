import { describe, expect, it } from 'vitest';
import { parseHostName } from '#domain/host.ts';

describe('parseHostName', () => {
  it.each(['web-01', 'db.example.com', 'a', 'web_1'])('takes %s', (name) => expect(parseHostName(name)).toBe(name));
  it.each(['', '-oProxyCommand=x', 'a b', 'a;b', '$(id)', 'a/b', 'ｗeb', 'x-'])('refuses %j', (name) =>
    expect(parseHostName(name)).toBeUndefined(),
  );
});
