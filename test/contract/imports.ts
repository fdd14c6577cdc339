/** Which file imports what, and what the table of docs/architecture.md lets it import. */
import { posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** What files at one place may import, apart from their own folder. */
export interface ImportRule {
  /** A file, or a folder that ends with `/`; `<id>` stands for one name. */
  readonly place: string;
  /** Folders and files of src/ or test/, such as `domain`, `config.ts` or `app/*ports.ts`. */
  readonly ours: readonly string[];
  /** npm packages and modules of Node. */
  readonly others: readonly string[];
}

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** The rules are the rows of the table below `heading` whose place is in src/ or runbooks/. Throws for a cell it cannot read. */
export function readRules(markdown: string, heading: string): readonly ImportRule[] {
  const section = markdown.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const [, places = '', , ours = '', others = ''] = row.split('|');
    const rule = { ours: namesIn(ours, row), others: namesIn(others, row) };
    return namesIn(places, row)
      .filter((place) => /^(?:src|runbooks)\//.test(place))
      .map((place) => ({ place, ...rule }));
  });
}

function namesIn(cell: string, row: string): readonly string[] {
  if (/^ *(?:nothing)? *$/.test(cell)) return [];
  return cell.split(',').map((part) => {
    const name = /^`([^`]+)`$/.exec(part.trim())?.[1];
    if (name === undefined) throw new Error(`Not a list of names in backticks: "${cell.trim()}" in the row ${row}`);
    return name;
  });
}

/** One sentence for each import that no rule allows, and for each file that no rule is for. `aliases`: `imports` of package.json. */
export function wrongImports(
  { path, text }: SourceFile,
  rules: readonly ImportRule[],
  aliases: Readonly<Record<string, string>>,
): readonly string[] {
  const rule = ruleFor(path, rules);
  if (rule === undefined) return [`${path}: docs/architecture.md has no row for its folder`];
  const own = placePattern(rule.place);
  return importsOf(path, text).flatMap((specifier) => {
    const target = targetOf(specifier, path, aliases);
    const allowed =
      target === undefined
        ? rule.others.includes(packageOf(specifier))
        : own.exec(path)?.[0] === own.exec(target)?.[0] || rule.ours.some((name) => covers(name, target));
    return allowed ? [] : [`${path} imports ${specifier}: ${sentenceOf(rule)}`];
  });
}

/** The most specific one. */
function ruleFor(path: string, rules: readonly ImportRule[]): ImportRule | undefined {
  const depth = ({ place }: ImportRule) => place.split('/').filter((part) => part !== '').length;
  return rules.filter(({ place }) => placePattern(place).test(path)).toSorted((a, b) => depth(b) - depth(a))[0];
}

export function placePattern(place: string): RegExp {
  return new RegExp(`^${place.replaceAll('.', '\\.').replace(/<[a-z]+>/g, '[^/]+')}${place.endsWith('/') ? '' : '$'}`);
}

function covers(name: string, target: string): boolean {
  const path = /^(?:src|test)\/(.*)/.exec(target)?.[1] ?? target;
  const pattern = name.replaceAll('.', '\\.').replaceAll('*', '[^/]*');
  return new RegExp(`^${pattern}${name.endsWith('.ts') ? '$' : '/'}`).test(path);
}

/** A file of ours; undefined for a package. */
function targetOf(specifier: string, from: string, aliases: Readonly<Record<string, string>>): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const [folder = ''] = specifier.split('/');
  const file = aliases[specifier] ?? aliases[`${folder}/*.ts`]?.replace('*.ts', specifier.slice(folder.length + 1));
  return file?.replace(/^\.\//, '');
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function sentenceOf({ place, ours, others }: ImportRule): string {
  const may = [...ours, ...others].join(', ') || 'nothing';
  return `docs/architecture.md allows ${place} its own files and ${may}`;
}

/** Of types too. A specifier that is made while the program runs is `computed`. Throws for what cannot be parsed. */
function importsOf(path: string, text: string): readonly string[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const found: string[] = [];
  const take = (source: { readonly type: string; readonly value?: unknown } | null) => {
    if (source !== null) found.push(typeof source.value === 'string' ? source.value : 'computed');
  };
  new Visitor({
    ImportDeclaration: ({ source }) => take(source),
    ExportAllDeclaration: ({ source }) => take(source),
    ExportNamedDeclaration: ({ source }) => take(source),
    ImportExpression: ({ source }) => take(source),
    TSImportType: ({ source }) => take(source),
    TSExternalModuleReference: ({ expression }) => take(expression),
  }).visit(program);
  return found;
}
