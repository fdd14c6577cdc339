/** Reads what the collector prints, as it arrives: sections between boundary lines, and the end of each sample. */
import type { RawReading, RawSample } from '#domain/evidence.ts';
import { absent, unreadable } from '#domain/reading.ts';

export type CollectorEvent =
  | { readonly kind: 'began'; readonly sample: number; readonly source: string }
  | { readonly kind: 'sample'; readonly number: number; readonly sample: RawSample };

export interface CollectorStream {
  readonly push: (text: string) => void;
  /** The samples as far as they came; a section that was open is cut off. */
  readonly end: () => readonly RawSample[];
}

/** What a section may be called: a host that knows the boundary must not name a file of ours, or a sample that is not. */
const SOURCE_NAME = /^[a-z][a-z-]{0,40}$/;
const SAMPLES = 2;

/** `onEvent` is called from within `push`. Text outside sections (login banners, garbage) is passed over. */
export function readCollector(boundary: string, onEvent: (event: CollectorEvent) => void): CollectorStream {
  const samples: Record<string, RawReading>[] = [];
  let rest = '';
  let complete = 0;
  let open: { readonly sample: number; readonly source: string; readonly lines: string[] } | undefined;

  function take(line: string): void {
    if (!line.startsWith(`${boundary} `)) {
      open?.lines.push(line);
      return;
    }
    const [, word = '', number = '', source = '', status = ''] = line.split(' ');
    const sample = Number(number);
    if (sample !== complete + 1 || sample > SAMPLES) return;
    if (word === 'begin' && SOURCE_NAME.test(source)) {
      open = { sample, source, lines: [] };
      onEvent({ kind: 'began', sample, source });
    } else if (word === 'end' && open?.source === source) {
      file(sample, source, outcome(source, open.lines.join('\n'), Number(status)));
      open = undefined;
    } else if (word === 'done') {
      complete = sample;
      const readings = samples[sample - 1] ?? {};
      samples[sample - 1] = readings;
      onEvent({ kind: 'sample', number: sample, sample: { readings } });
    }
  }

  function file(sample: number, source: string, reading: RawReading): void {
    samples[sample - 1] = { ...samples[sample - 1], [source]: reading };
  }

  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line.replace(/\r$/, ''));
    },
    end() {
      if (open !== undefined) file(open.sample, open.source, unreadable('cut-off', open.source));
      return Array.from(samples, (readings) => ({ readings: readings ?? {} }));
    },
  };
}

/** The exit statuses a fragment uses to say what kept it: see docs/architecture.md. */
function outcome(source: string, text: string, status: number): RawReading {
  const what = text.trim().split('\n').at(-1)?.slice(0, 200) || source;
  switch (status) {
    case 0:
      return { kind: 'text', text };
    case 3:
      return absent(what);
    case 4:
      return unreadable('no-permission', what);
    case 5:
      return unreadable('too-large', what);
    case 6:
      return unreadable('no-command', what);
    case 124:
    case 137:
    case 143:
      return unreadable('too-slow', source);
    default:
      return unreadable('failed', `${source}: exit status ${status}`);
  }
}
