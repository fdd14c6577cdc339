/** The way to a host that arguments for ssh in an Ansible inventory say: -J, ProxyJump, or ProxyCommand, which may be a jump. */
import { parseArgs } from 'node:util';
import type { HostEntry } from './host-entry.ts';
import { splitWords } from './words.ts';

type Way = Pick<HostEntry, 'jump' | 'proxyCommand' | 'unusable'>;

/** ssh(1): its options that take a value. */
const OPTIONS = Object.fromEntries(
  [...'BbcDEeFIiJLlmOopQRSWw'].map((short) => [short, { type: 'string', short, multiple: true } as const]),
);
/** Options and settings that do not change where a jump leads; host keys are verified here whatever they say. */
const HARMLESS = /^[qAaxTCNn46]$/;
const HARMLESS_SETTING =
  /^(?:StrictHostKeyChecking|UserKnownHostsFile|LogLevel|Control\w+|ServerAlive\w+|ConnectTimeout|BatchMode|ForwardAgent)\b/i;

/** Pure. Says nothing when the arguments do not; ssh takes what is said first. */
export function wayIn(args: string): Way {
  const words = splitWords(args);
  if (words === undefined)
    return { unusable: `its Ansible inventory has arguments for ssh with a quote that is not closed (${args})` };
  for (const { option, value } of readArguments(words)) {
    if (option === 'J') return { jump: hops(value) };
    const { keyword = '', said = '' } = /^\s*(?<keyword>\w+)(?:\s*=\s*|\s+)(?<said>.*)$/s.exec(value)?.groups ?? {};
    if (option === 'o' && keyword.toLowerCase() === 'proxyjump') return { jump: hops(said) };
    if (option === 'o' && keyword.toLowerCase() === 'proxycommand') return through(said);
  }
  return {};
}

/** In their order; `option` is undefined for what is none. */
function readArguments(words: readonly string[]): readonly { readonly option?: string; readonly value: string }[] {
  const { tokens } = parseArgs({ args: [...words], options: OPTIONS, strict: false, tokens: true });
  return tokens.map((token) => {
    if (token.kind === 'option') return { option: token.name, value: token.value ?? '' };
    return { value: token.kind === 'positional' ? token.value : '' };
  });
}

/** With its scheme a hop is an address even when it is a bare word: ssh would ask DNS for it. */
function hops(text: string): readonly string[] {
  return text
    .split(',')
    .map((hop) => hop.trim().replace(/^ssh:\/\//, ''))
    .filter((hop) => hop !== '' && hop !== 'none')
    .map((hop) => `ssh://${hop}`);
}

function through(command: string): Way {
  if (command.trim() === 'none') return { jump: [] };
  const hop = jumpIn(splitWords(command) ?? []);
  if (hop !== undefined) return { jump: hops(hop) };
  if (/\p{Cc}/u.test(command)) return { unusable: 'the ProxyCommand of its Ansible inventory is more than one line' };
  return { jump: [], proxyCommand: command };
}

/** `ssh -W %h:%p user@bastion`, as was written before there was ProxyJump; undefined when it does anything else too. */
function jumpIn([program = '', ...words]: readonly string[]): string | undefined {
  if (!/^(?:\/\S*\/)?ssh$/.test(program)) return undefined;
  const said = readArguments(words).filter(
    ({ option = '', value }) => !(HARMLESS.test(option) || (option === 'o' && HARMLESS_SETTING.test(value))),
  );
  const { W, l, p, to, ...more } = Object.fromEntries(said.map(({ option = 'to', value }) => [option, value]));
  if (to === undefined || !/^(?:%h|\[%h\]):%p$/.test(W ?? '')) return undefined;
  const isMore = Object.keys(more).length > 0 || new Set(said.map(({ option }) => option)).size < said.length;
  if (isMore) return undefined;
  return `${l === undefined || to.includes('@') ? '' : `${l}@`}${to}${p === undefined ? '' : `:${p}`}`;
}
