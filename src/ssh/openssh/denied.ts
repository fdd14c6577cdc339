/** Why ssh was not let in, from its messages: what it tried, what the host takes, and what could not be tried. Pure. */
import { sayable } from '../sayable.ts';

/** Half a sentence; undefined where it does not say that it was denied. */
export function whyDenied(text: string): string | undefined {
  const isCutOff = /Too many authentication failures/.test(text);
  const [, methods] = /^\S+: Permission denied \(([^)\n]*)\)\.$/m.exec(text) ?? [];
  if (methods === undefined && !isCutOff) return undefined;
  const accepted = keysAfter('Server accepts key', text);
  const rejected = keysAfter('Offering public key', text).filter(
    ({ name }) => !accepted.some((key) => key.name === name),
  );
  const tried =
    rejected.length > 0 ? [`it accepted none of ${rejected.map(nameOf).slice(0, MOST_NAMES).join(', ')}`] : [];
  const problems = [...problemsIn(text), ...unsigned(accepted, text)].slice(0, MOST_NAMES);
  const takesKeys = methods === undefined || methods.split(',').includes('publickey');
  return [
    ...(tried.length === 0 && accepted.length === 0 ? ['no key to try'] : tried),
    ...(takesKeys ? [] : [`it takes only ${sayable(methods.replaceAll(',', ', '))}`]),
    ...(/^Authenticated using .* with partial success\.$/m.test(text) ? ['a key alone is not enough for it'] : []),
    ...(isCutOff ? ['it hung up after too many attempts: name one identityFile'] : []),
    ...problems,
  ].join('; ');
}

const MOST_NAMES = 10;
const MOST_KEYS = 50;

interface Key {
  /** Of its file, or its comment in the agent. */
  readonly name: string;
  readonly isCertificate: boolean;
  readonly isInAgent: boolean;
}

/** `NAME TYPE FINGERPRINT FLAGS`, where NAME may hold spaces: format_identity() in sshconnect2.c. */
export function keysAfter(words: string, text: string): readonly Key[] {
  const lines = text.matchAll(new RegExp(`^debug1: ${words}: (.*) (\\S+) SHA256:\\S+((?: \\w+)*)$`, 'gm'));
  return [...lines].slice(0, MOST_KEYS).map(([, name = '', type = '', flags = '']) => ({
    name: sayable(name),
    isCertificate: type.endsWith('-CERT'),
    isInAgent: flags.includes(' agent'),
  }));
}

export function nameOf({ name, isCertificate, isInAgent }: Key): string {
  return `${isCertificate ? 'the certificate of ' : ''}${name}${isInAgent ? ' in the agent' : ''}`;
}

/** The host would take them: it is here that nothing signs with them. */
function unsigned(accepted: readonly Key[], text: string): readonly string[] {
  return accepted
    .filter(({ name }) => !text.includes(`Load key "${name}": `) && !text.includes(`"${name}"`))
    .map((key) =>
      key.isInAgent
        ? `the agent does not sign with ${key.name}`
        : `${key.name} needs a passphrase, which ssh is not given (add it to the ssh-agent)`,
    );
}

const COULD_NOT: readonly (readonly [RegExp, (file: string, why: string) => string])[] = [
  [
    /^no such identity: (.+): ([^:\n]+)$/gm,
    (file, why) => (why === 'No such file or directory' ? `${file} does not exist` : `${file} cannot be read (${why})`),
  ],
  [/^Load key "(.+)": (.+)$/gm, (file, why) => `${file} holds no key that can be used here (${why})`],
  [
    /^sign_and_send_pubkey: signing failed for \S+ "(.+)"[^:\n]*: (.+)$/gm,
    (file, why) => `${file} did not sign (${why})`,
  ],
];

function problemsIn(text: string): readonly string[] {
  const said = COULD_NOT.flatMap(([pattern, sentence]) =>
    [...text.matchAll(pattern)].map(([, file = '', why = '']) => sentence(sayable(file), sayable(why))),
  );
  const isSilent = /^debug1: \S+: ssh_get_authentication_socket: /m.test(text);
  return isSilent ? [...said, 'the ssh-agent cannot be asked (SSH_AUTH_SOCK)'] : said;
}
