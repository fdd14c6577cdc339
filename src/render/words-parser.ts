/** From a file of words, ours or the site's, to words of their shape. */
import { parse } from 'yaml';
import { z } from 'zod';

/** The parser throws an Error naming the file and what is wrong with it. */
export function wordsParser<T>(schema: z.ZodType<T>): (text: string, path: string) => T {
  return (text, path) => {
    const parsed = schema.safeParse(parse(text));
    if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  };
}
