/** Gathers what a run prints: whole UTF-8 characters as they arrive, up to a limit of bytes. */
import { StringDecoder } from 'node:string_decoder';
import type { Command, Output } from '#domain/command.ts';

/** What a run printed. */
export type Printed = Pick<Output, 'stdout' | 'stderr' | 'bytes'>;

export interface Gatherer {
  /** False when the limit was reached: what is past it is dropped. */
  readonly stdout: (bytes: Buffer) => boolean;
  readonly stderr: (bytes: Buffer) => boolean;
  readonly end: () => Printed;
}

export function gatherOutput({ maxBytes, onStdout, onStderr }: Command): Gatherer {
  const stdout = textStream(onStdout);
  const stderr = textStream(onStderr);
  let bytes = 0;

  function take(stream: TextStream, chunk: Buffer): boolean {
    const room = maxBytes - bytes;
    stream.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    bytes += Math.min(chunk.length, room);
    return chunk.length <= room;
  }

  return {
    stdout: (chunk) => take(stdout, chunk),
    stderr: (chunk) => take(stderr, chunk),
    end: () => ({ stdout: stdout.end(), stderr: stderr.end(), bytes }),
  };
}

interface TextStream {
  readonly push: (bytes: Buffer) => void;
  readonly end: () => string;
}

function textStream(watch: ((text: string) => void) | undefined): TextStream {
  const decoder = new StringDecoder('utf8');
  const parts: string[] = [];

  function add(text: string): void {
    if (text === '') return;
    parts.push(text);
    watch?.(text);
  }

  return {
    push: (bytes) => add(decoder.write(bytes)),
    end() {
      add(decoder.end());
      return parts.join('');
    },
  };
}
