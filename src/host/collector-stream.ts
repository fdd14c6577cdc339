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

export interface CollectorFrame {
  readonly boundary: string;
  /** What a section may be called: a host that knows the boundary must not name a file of ours, or a source that is none. */
  readonly sources: readonly string[];
}

const SAMPLES = 2;
/** In UTF-16 units. The longest section of a real host is some 10 KB. */
const LONGEST_SECTION = 262_144;

interface OpenSection {
  readonly sample: number;
  readonly source: string;
  readonly lines: string[];
  length: number;
}

/** `onEvent` is called from within `push`. Text outside sections (login banners, garbage) is passed over. */
export function readCollector(
  { boundary, sources }: CollectorFrame,
  onEvent: (event: CollectorEvent) => void,
): CollectorStream {
  const samples: Record<string, RawReading>[] = [];
  /** The line that has not ended yet. Put together once: it may come byte by byte. */
  let pending: string[] = [];
  let complete = 0;
  let open: OpenSection | undefined;

  function take(line: string): void {
    if (!line.startsWith(`${boundary} `)) {
      if (open !== undefined) addTo(open, line);
      return;
    }
    const [, word = '', number = '', source = '', status = ''] = line.split(' ', 5);
    const sample = Number(number);
    if (sample !== complete + 1 || sample > SAMPLES) return;
    if (word === 'begin' && sources.includes(source)) {
      open = { sample, source, lines: [], length: 0 };
      onEvent({ kind: 'began', sample, source });
    } else if (word === 'end' && open?.source === source) {
      readingsOf(sample)[source] = outcome(open, Number(status));
      open = undefined;
    } else if (word === 'done') {
      complete = sample;
      onEvent({ kind: 'sample', number: sample, sample: { readings: readingsOf(sample) } });
    }
  }

  function readingsOf(sample: number): Record<string, RawReading> {
    const readings = samples[sample - 1] ?? {};
    samples[sample - 1] = readings;
    return readings;
  }

  return {
    push(text) {
      const [first = '', ...more] = text.split('\n');
      pending.push(first);
      for (const next of more) {
        const line = pending.join('');
        take(line.endsWith('\r') ? line.slice(0, -1) : line);
        pending = [next];
      }
    },
    end() {
      if (open !== undefined) readingsOf(open.sample)[open.source] = unreadable('cut-off', open.source);
      return Array.from(samples, (readings) => ({ readings: readings ?? {} }));
    },
  };
}

function addTo(section: OpenSection, line: string): void {
  section.length += line.length + 1;
  if (section.length <= LONGEST_SECTION) section.lines.push(line);
}

/** The exit statuses a fragment uses to say what kept it: see docs/architecture.md. */
function outcome({ source, lines, length }: OpenSection, status: number): RawReading {
  if (length > LONGEST_SECTION) return unreadable('too-long', source);
  // A section may end in the middle of a line, so that an empty one comes before its end.
  while (lines.at(-1) === '') lines.pop();
  const text = lines.join('\n');
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
