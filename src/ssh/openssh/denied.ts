/** Why ssh was not let in, from its messages: what it tried, what the host takes, and what could not be tried. Pure. */
import type { ConnectionFailure } from '#domain/command.ts';
import { sayable } from '../sayable.ts';
import { deniedFor, triedKeys } from '../tried-keys.ts';

/** Undefined where it does not say that it was denied. */
export function denialIn(text: string): ConnectionFailure | undefined {
  const isCutOff = /^Received disconnect from .*: Too many authentication failures/m.test(text);
  const [, methods] = /^\S+: Permission denied \(([^)\n]*)\)\.$/m.exec(text) ?? [];
  if (methods === undefined && !isCutOff) return undefined;
  const accepted = keysAfter('Server accepts key', text);
  const offered = keysAfter('Offering public key', text);
  const rejected = offered.filter(({ name }) => !accepted.some((key) => key.name === name)).map(nameOf);
  const untried = isCutOff
    ? keysAfter('Will attempt key', text).filter(
        ({ name, isNamed }) => isNamed && !offered.some((key) => key.name === name),
      )
    : [];
  const problems = [...problemsIn(text), ...unsigned(accepted, text)].slice(0, MOST_NAMES);
  const takesKeys = methods === undefined || methods.split(',').includes('publickey');
  const isPartial = /^Authenticated using .* with partial success\.$/m.test(text);
  const isKeyless = takesKeys && rejected.length === 0 && accepted.length === 0 && !isCutOff;
  const why = [
    ...(isKeyless ? ['no key to try'] : triedKeys(rejected, isCutOff)),
    ...(untried.length === 0 ? [] : [`not tried: ${untried.map(nameOf).slice(0, MOST_NAMES).join(', ')}`]),
    ...(takesKeys ? [] : [`it takes only ${sayable(methods.replaceAll(',', ', '))}`]),
    ...(isPartial ? ['a key alone is not enough for it'] : []),
    ...problems,
  ];
  return { kind: 'authentication-failed', why: why.join('; '), ...deniedFor(isCutOff, takesKeys && !isPartial) };
}

const MOST_NAMES = 10;
const MOST_KEYS = 50;

interface Key {
  /** Of its file, or its comment in the agent. */
  readonly name: string;
  readonly isCertificate: boolean;
  readonly isInAgent: boolean;
  /** By ssh_config or by us; the agent may hold it, too. */
  readonly isNamed: boolean;
}

/** `NAME TYPE FINGERPRINT FLAGS`, where NAME may hold spaces: format_identity() in sshconnect2.c. */
export function keysAfter(words: string, text: string): readonly Key[] {
  const lines = text.matchAll(new RegExp(`^debug1: ${words}: (.*) (\\S+) SHA256:\\S+((?: \\w+)*)$`, 'gm'));
  return [...lines].slice(0, MOST_KEYS).map(([, name = '', type = '', flags = '']) => ({
    name: sayable(name),
    isCertificate: type.endsWith('-CERT'),
    isInAgent: flags.includes(' agent'),
    isNamed: flags.includes(' explicit'),
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
