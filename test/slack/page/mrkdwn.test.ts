import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const { parseMrkdwn } = (await import(new URL('mrkdwn.js', import.meta.url).href)) as {
  parseMrkdwn: (text: string) => readonly unknown[];
};

describe('parseMrkdwn', () => {
  it.each<[string, readonly object[]]>([
    ['a &lt;b&gt; &amp; c', [{ kind: 'text', text: 'a <b> & c' }]],
    [
      '*b* _i_',
      [
        { kind: 'styled', style: 'bold', children: [{ kind: 'text', text: 'b' }] },
        { kind: 'text', text: ' ' },
        { kind: 'styled', style: 'italic', children: [{ kind: 'text', text: 'i' }] },
      ],
    ],
    ['snake_case_name', [{ kind: 'text', text: 'snake_case_name' }]],
    ['`a *b*`', [{ kind: 'code', text: 'a *b*' }]],
    [
      '<@U1> <#C1> <!channel>',
      [
        { kind: 'user', id: 'U1' },
        { kind: 'text', text: ' ' },
        { kind: 'channel', id: 'C1' },
        { kind: 'text', text: ' ' },
        { kind: 'broadcast', range: 'channel' },
      ],
    ],
    ['<https://x.example?a=1&amp;b=2|x>', [{ kind: 'link', url: 'https://x.example?a=1&b=2', text: 'x' }]],
    [
      '<!date^1392734382^{date} {time}|then>',
      [{ kind: 'date', timestamp: 1392734382, format: '{date} {time}', fallback: 'then' }],
    ],
    [':red_circle:', [{ kind: 'emoji', name: 'red_circle' }]],
  ])('%s', (text, nodes) => {
    expect(parseMrkdwn(text)).toEqual(nodes);
  });

  it('never throws, and loses no plain text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseMrkdwn(text)));
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z ]*$/), (text) => {
        expect(parseMrkdwn(text)).toEqual([{ kind: 'text', text }]);
      }),
    );
  });
});
