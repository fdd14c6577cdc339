/** From a file of words, ours or the site's, to words of their shape. */
import { parse } from 'yaml';
import { z } from 'zod';

/** A Handlebars template over what its place names. */
export const sentence = z.string().min(1);

/** The same shape under each name, and no other name. */
export function ofEach<N extends string, S extends z.ZodType>(names: readonly N[], shape: S) {
  return z.strictObject(Object.fromEntries(names.map((name) => [name, shape])) as Record<N, S>);
}

export function sentences<N extends string>(names: readonly N[]) {
  return ofEach(names, sentence);
}

/** By a name that may come from a host or a record: nothing is found but what the file has. */
export function byName<S extends z.ZodType>(shape: S) {
  return z.record(z.string(), shape).transform((named): typeof named => Object.assign(Object.create(null), named));
}

/** The parser throws an Error naming the file and what is wrong with it. */
export function wordsParser<T>(schema: z.ZodType<T>): (text: string, path: string) => T {
  return (text, path) => {
    const parsed = schema.safeParse(parse(text));
    if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  };
}
