/** Colours and weights of the terminal, as template helpers; plain text when colour is off. */
import picocolors from 'picocolors';
import type { Severity } from '#domain/verdict.ts';

/** Not an object with methods but helpers by name, which is what Handlebars takes. */
export type Palette = ReturnType<typeof palette>;

export function palette(colour: boolean) {
  const colours = picocolors.createColors(colour);
  const bySeverity = { crit: colours.red, warn: colours.yellow, info: colours.cyan };
  return {
    bold: (text: string) => colours.bold(text),
    dim: (text: string) => colours.dim(text),
    good: (text: string) => colours.green(text),
    code: (text: string) => colours.cyan(text),
    severity: (severity: Severity, text: string) => colours.bold(bySeverity[severity](text)),
  };
}
