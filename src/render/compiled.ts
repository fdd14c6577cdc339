/** Sentences of ours and of the site, compiled once: a bot says the same ones all day. */
import Handlebars from 'handlebars';

// Text, not HTML: each surface escapes for itself. Strict: a name that is not given is an error, not a blank.
const OPTIONS = { strict: true, noEscape: true, knownHelpersOnly: true } as const;

/** Of our own, without what others registered with theirs. */
const handlebars = Handlebars.create();

const compiled = new Map<string, (context: object) => string>();

/** Never of a text that came from a host or was typed. */
export function compiledSentence(template: string): (context: object) => string {
  const known = compiled.get(template) ?? handlebars.compile(template, OPTIONS);
  compiled.set(template, known);
  return known;
}
