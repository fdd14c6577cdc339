/** Where output goes: how wide, whether colour, whether somebody is watching. */

export interface Screen {
  /** Columns: the terminal's, at most 100; 80 when piped. */
  readonly width: number;
  readonly colour: boolean;
  readonly tty: boolean;
}

export const CLEAR_LINE = '\r\x1b[K';

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const WIDEST = 100;
const PIPED = 80;

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, which wins over what the stream is. */
export function screenOf(stream: Stream, env: Readonly<Record<string, string | undefined>>): Screen {
  const tty = stream.isTTY === true;
  const width = tty && stream.columns ? Math.min(stream.columns, WIDEST) : PIPED;
  return { width, colour: colourOf(tty, env), tty };
}

function colourOf(tty: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return tty && env['TERM'] !== 'dumb';
}
