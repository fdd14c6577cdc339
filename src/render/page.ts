/** A runbook page: its front matter, which words the verdict, and its Markdown body. */
import { parse } from 'yaml';
import { z } from 'zod';

const frontMatter = z.strictObject({
  /** The diagnosis in a few words, without numbers. */
  title: z.string().min(1),
  /** One sentence with the numbers, for a finding. */
  summary: z.string().min(1),
  /** Why that hurts or will hurt: one or two sentences. */
  why: z.string().min(1),
  /** What to do, first things first; short imperative lines. */
  next: z.array(z.string().min(1)).min(1).max(4),
  /** One short sentence with the numbers, when ruled out. */
  ruledOut: z.string().min(1),
});

const titled = z.object({ title: z.string().min(1) });

/** Handlebars templates over the rule's facts. */
export type FrontMatter = z.infer<typeof frontMatter>;

export interface Page {
  readonly wording: FrontMatter;
  readonly body: string;
  readonly file: string;
}

/** A page to read, of a diagnosis or of something else: its front matter need not word a verdict. */
export interface Topic {
  readonly wording: Pick<FrontMatter, 'title'>;
  readonly body: string;
}

const PAGE = /^---\r?\n(?<head>[\s\S]*?)\r?\n---\r?\n(?<body>[\s\S]*)$/;

/** Throws an Error naming what is wrong with the page; pages are ours or the site's, never a host's. */
export function parsePage(text: string, path: string): Page {
  return { ...parsed(text, path, frontMatter), file: path };
}

/** The same. */
export function parseTopic(text: string, path: string): Topic {
  return parsed(text, path, titled);
}

function parsed<T>(text: string, path: string, shape: z.ZodType<T>): { readonly wording: T; readonly body: string } {
  const { head, body } = PAGE.exec(text)?.groups ?? {};
  if (head === undefined || body === undefined) throw new Error(`${path}: no front matter between two lines of ---.`);
  const read = shape.safeParse(parse(head));
  if (!read.success) throw new Error(`${path}: front matter: ${z.prettifyError(read.error)}`);
  return { wording: read.data, body };
}
