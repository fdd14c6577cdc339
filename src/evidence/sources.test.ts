import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSample, SOURCES } from './sources.ts';

const sections = new URL('samples/sections/', import.meta.url);
const sample = (name: string) => readFileSync(new URL(`${name}.txt`, sections), 'utf8');

describe('every source', () => {
  it('has a recorded section', () => {
    expect(readdirSync(sections).sort()).toEqual(SOURCES.map(({ name }) => `${name}.txt`).sort());
  });

  it.each(SOURCES.map(({ name, parse }) => ({ name, parse })))('$name reads what a host printed', ({ name, parse }) => {
    expect(parse(sample(name))).toMatchObject({ kind: 'read' });
  });

  it.each(SOURCES.map(({ name, parse }) => ({ name, parse })))(
    '$name never throws, and says which line it cannot read',
    ({ parse }) => {
      fc.assert(
        fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...words)), { maxLength: 12 }), (lines) => {
          const reading = parse(lines.join('\n'));
          expect(['read', 'absent', 'unreadable', 'garbled']).toContain(reading.kind);
          if (reading.kind === 'garbled') expect(reading.reason.what).toMatch(/^line \d+: /);
        }),
      );
    },
  );

  it.each(SOURCES.map(({ name, parse }) => ({ name, parse })))(
    '$name survives a section cut or changed anywhere',
    ({ name, parse }) => {
      const text = sample(name);
      fc.assert(
        fc.property(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 5 }), (at, gap, put) => {
          const reading = parse(text.slice(0, at) + put + text.slice(at + gap));
          if (reading.kind === 'garbled') expect(reading.reason.what).toMatch(/^line \d+: /);
        }),
      );
    },
  );

  it.each(SOURCES.map(({ name, parse }) => ({ name, parse })))('$name refuses a foreign line', ({ name, parse }) => {
    const text = `${sample(name).trimEnd()}\n!? what is this\n`;
    expect(parse(text)).toMatchObject({ kind: 'garbled', reason: { code: 'unexpected-line' } });
  });
});

/** Openings that lead a parser past its first word. */
const words = [
  'constructor 1 2',
  '__proto__ 1',
  'toString',
  'state 06',
  'outbound 1 a b',
  'via ss',
  'via proc x',
  'looks 5',
  'queue',
  'Tcp: A B',
  'Tcp: 1',
  'stat x',
  'process 1 1',
  'set /a:1:b=c',
  'order systemd',
  'omitted 1',
  '::::',
  '-1',
  '9'.repeat(400),
];

describe('parseSample', () => {
  it('keeps why a section has no text, and garbles a section of no source', () => {
    const missing = { kind: 'absent', reason: { code: 'absent', what: 'ss' } } as const;
    const { readings } = parseSample({ readings: { sockets: missing, nonsense: { kind: 'text', text: 'x' } } });
    expect(readings['sockets']).toEqual(missing);
    expect(readings['nonsense']).toMatchObject({ kind: 'garbled' });
  });
});
