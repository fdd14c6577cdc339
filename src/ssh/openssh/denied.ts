/** Why ssh was not let in, from its messages: what it tried, what the host takes, and what could not be tried. Pure. */
import { sayable } from '../sayable.ts';

/** Half a sentence; undefined where it does not say that it was denied. */
export function whyDenied(text: string): string | undefined {
  const tooMany = /Too many authentication failures/.test(text);
  const [, methods] = /^\S+: Permission denied \(([^)\n]*)\)\.$/m.exec(text) ?? [];
  if (methods === undefined && !tooMany) return undefined;
  const unsigned = new Set(namesAfter('Server accepts key', text));
  const rejected = namesAfter('Offering public key', text).filter((name) => !unsigned.has(name));
  const keys = rejected.length > 0 ? `it accepted none of ${rejected.join(', ')}` : undefined;
  return [
    ...[...unsigned].map(
      (name) => `${name} would do, but cannot sign: it needs a passphrase or its agent (add it to the ssh-agent)`,
    ),
    ...(keys === undefined ? [] : [keys]),
    ...(keys === undefined && unsigned.size === 0 ? ['no key to try'] : []),
    ...(methods === undefined || methods.split(',').includes('publickey')
      ? []
      : [`it takes only ${sayable(methods.replaceAll(',', ', '))}`]),
    ...(/^Authenticated using \S+ with partial success\.$|^debug1: Authenticated using .* partial success/m.test(text)
      ? ['a key alone is not enough for it']
      : []),
    ...(tooMany ? ['it hung up after too many attempts: name one identityFile'] : []),
    ...problemsIn(text),
  ].join('; ');
}

/** `NAME TYPE FINGERPRINT FLAGS`, where NAME may hold spaces: format_identity() in sshconnect2.c. */
function namesAfter(words: string, text: string): readonly string[] {
  const lines = text.matchAll(new RegExp(`^debug1: ${words}: (.*) (\\S+) SHA256:\\S+((?: \\w+)*)$`, 'gm'));
  return [...new Set([...lines].map(([, name = '', type = '', flags = '']) => nameOf(name, type, flags)))].slice(
    0,
    MOST_NAMES,
  );
}

const MOST_NAMES = 10;

function nameOf(name: string, type: string, flags: string): string {
  const shown = type.endsWith('-CERT') ? `the certificate of ${sayable(name)}` : sayable(name);
  return flags.includes(' agent') ? `${shown} in the agent` : shown;
}

function problemsIn(text: string): readonly string[] {
  const missing = [...text.matchAll(/^no such identity: (.+): ([^:\n]+)$/gm)].map(([, file = '', why = '']) =>
    why === 'No such file or directory'
      ? `${sayable(file)} does not exist`
      : `${sayable(file)} cannot be read (${why})`,
  );
  const unusable = [...text.matchAll(/^Load key "(.+)": (.+)$/gm)].map(
    ([, file = '', why = '']) => `${sayable(file)} holds no key that can be used here (${sayable(why)})`,
  );
  const agent = /^debug1: get_agent_identities: .*$|^Could not open a connection to your authentication agent/m.test(
    text,
  )
    ? ['the ssh-agent cannot be asked (SSH_AUTH_SOCK)']
    : [];
  return [...missing, ...unusable, ...agent].slice(0, MOST_NAMES);
}
