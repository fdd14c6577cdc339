/**
 * What ssh's messages in the C locale mean, with `-v`: sshconnect.c, sshconnect2.c and readconf.c of OpenSSH. Pure.
 * A host can put lines of its own among them; so a host's key is the one that all of them agree on, and the last line, which
 * is always ssh's own, decides what those before it can have been about.
 */
import type { ConnectionFailure } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import { atHop } from '../at-hop.ts';
import { lookupName } from '../known-hosts.ts';
import { sayable } from '../sayable.ts';
import { denialIn } from './denied.ts';

/** What was said about one login: by ssh itself, and by its jump hosts' ssh or its ProxyCommand. */
export interface Said {
  readonly ssh: string;
  readonly proxy: string;
}

/** Where known_hosts files revoke this key, if the files are ours to read. */
export type RevokedAt = (fingerprint: string) => string | undefined;

const HOST_KEY =
  /^debug1: Server host (?:key: \S+ (SHA256:[\w+/]{43})|certificate: \S+ (SHA256:[\w+/]{43}), serial .*)$/gm;

/** As `ssh-keygen -l` prints it; of a certificate, that of the key which is certified. Undefined unless it is one key. */
export function hostKeyIn(text: string): string | undefined {
  const all = new Set([...plain(text).matchAll(HOST_KEY)].map(([, key, certified]) => key ?? certified));
  return all.size === 1 ? [...all][0] : undefined;
}

export function failureIn(said: Said, host: Host, revokedAt: RevokedAt): ConnectionFailure {
  const [ssh, proxy] = [plain(said.ssh), plain(said.proxy)];
  const tooOld = tooOldIn(ssh);
  if (tooOld !== undefined) return { kind: 'ssh-unfit', why: tooOld };
  const own = ownTroubleIn(ssh, host.name, () => host.name, revokedAt);
  if (own !== undefined) return own;
  const unagreed = REACHED.test(ssh) ? undefined : unagreedIn(ssh);
  if (unagreed !== undefined) return { kind: 'ssh-unfit', why: unagreed };
  // A host that was reached prints its banner there.
  const onTheWay = REACHED.test(ssh) ? undefined : wayTroubleIn(proxy, host, revokedAt);
  if (onTheWay !== undefined) return onTheWay;
  const stranger = strangerIn(ssh);
  if (stranger !== undefined) return { kind: 'unreachable', why: `what answers there is not SSH: "${stranger}"` };
  if (HUNG_UP.test(ssh)) return { kind: 'connection-lost', why: hungUp(ssh) };
  const words = lastWords(ssh) ?? lastWords(proxy);
  return { kind: 'unreachable', why: words === undefined ? 'ssh ended without a word' : `ssh says "${words}"` };
}

/** Half a sentence. */
function tooOldIn(text: string): string | undefined {
  const [, version, major, minor] = /^OpenSSH_((\d+)\.(\d+)\w*)/.exec(text) ?? [];
  if (version === undefined || Number(major) * 100 + Number(minor) >= OLDEST) return undefined;
  return `the ssh of this machine is OpenSSH ${version}, and it takes 7.4 or newer`;
}

/** 7.4 is the first with proxy mode. */
const OLDEST = 704;

/** What it and the host have no algorithm in common for. */
function unagreedIn(text: string): string | undefined {
  const [, why] = /^Unable to negotiate with \S+ port \d+: (.+)$/m.exec(text) ?? [];
  return why === undefined ? undefined : sayable(why.replace('. Their offer: ', '; it offers ')).replace(/\.$/, '');
}

/** The first thing that it printed instead of a greeting. */
function strangerIn(text: string): string | undefined {
  if (/^debug1: Remote protocol version /m.test(text)) return undefined;
  const [, printed] = /^debug1: \w+_exchange_identification: banner line \d+: (.+)$/m.exec(text) ?? [];
  return printed === undefined ? undefined : sayable(printed).slice(0, MOST_QUOTED);
}

const MOST_QUOTED = 80;

/** The host has proved its key. */
const REACHED = /^debug1: (?:SSH2_MSG_NEWKEYS received|Authentications that can continue: .*)$/m;

const HUNG_UP =
  /^(?:kex_exchange_identification|ssh_exchange_identification|Received disconnect from|Connection (?:closed|reset) by)/m;

/** Jump hosts' ssh says the same things; another ProxyCommand says whatever it says. */
function wayTroubleIn(text: string, host: Host, revokedAt: RevokedAt): ConnectionFailure | undefined {
  const hop = hopIn(text, host);
  const nameOf = (shown: string) => host.jump.find((each) => lookupName(each) === shown)?.name ?? shown;
  const trouble = troubleIn(text, hop, nameOf, revokedAt);
  if (trouble !== undefined) return atHop(hop, trouble);
  const [, reason, details = ''] = /^channel \d+: open failed: ([^:\n]+): (.*)$/m.exec(text) ?? [];
  if (reason === 'administratively prohibited') return { kind: 'refused', why: `${hop} does not forward connections` };
  if (reason !== undefined) {
    const why = `${hop} cannot reach it (${sayable(details).toLowerCase()})`;
    return { kind: /refused/i.test(details) ? 'refused' : 'unreachable', why };
  }
  const words = lastWords(text);
  return words === undefined ? undefined : { kind: 'unreachable', why: `the way to it says "${words}"` };
}

/** The jump host that was logged in to last, as the inventory names it where it knows it. */
function hopIn(text: string, { jump }: Host): string {
  const [, address = '', port = ''] = [...text.matchAll(HOP)].at(-1)?.filter(Boolean) ?? [];
  const known = jump.find((hop) => hop.address === address && hop.port === Number(port));
  return known?.name ?? (address === '' ? 'a jump host' : sayable(address));
}

const HOP =
  /^(?:debug1: Authenticating to (\S+):(\d+) as |ssh: connect to host (\S+) port (\d+): |ssh: Could not resolve hostname (\S+): )/gm;

type Trouble = (
  text: string,
  hop: string,
  nameOf: (shown: string) => string,
  revokedAt: RevokedAt,
) => ConnectionFailure | undefined;

/** The first that applies. */
const troubleIn: Trouble = (...about) => first(TROUBLES, about);

/** The first that goes with the last line. */
const ownTroubleIn: Trouble = (...about) => {
  const end = about[0].trimEnd().split('\n').at(-1) ?? '';
  return first(
    TROUBLES.filter(([ending]) => ending.test(end)),
    about,
  );
};

function first(among: typeof TROUBLES, about: Parameters<Trouble>): ConnectionFailure | undefined {
  for (const trouble of among.flatMap(([, troubles]) => troubles)) {
    const found = trouble(...about);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Before 9.0 with the type of the key. */
const changed: Trouble = (text, _, nameOf) => {
  const [, shown] =
    /^(?:\S+ host|Host) key for (\S+) has changed and you have requested strict checking\.$/m.exec(text) ?? [];
  if (shown === undefined) return undefined;
  const knownAt = /^Offending \S+ key in (.+:\d+)$/m.exec(text)?.[1] ?? SOMEWHERE;
  return { kind: 'host-key-changed', hop: nameOf(shown), fingerprint: shownKey(text), knownAt: sayable(knownAt) };
};

const revoked: Trouble = (text, hop, nameOf, revokedAt) => {
  const [, fingerprint, file] = /^Host key \S+ (SHA256:\S+) revoked by file (.+)$/m.exec(text) ?? [];
  if (fingerprint !== undefined && file !== undefined)
    return { kind: 'host-key-revoked', hop, fingerprint, knownAt: sayable(file) };
  const [, shown] = /^\S+ host key for (\S+) was revoked and you have requested strict checking\.$/m.exec(text) ?? [];
  if (shown === undefined) return undefined;
  const key = shownKey(text);
  return { kind: 'host-key-revoked', hop: nameOf(shown), fingerprint: key, knownAt: revokedAt(key) ?? SOMEWHERE };
};

const unknown: Trouble = (text, _, nameOf) => {
  const [, shown] = /^No \S+ host key is known for (\S+) and you have requested strict checking\.$/m.exec(text) ?? [];
  return shown === undefined
    ? undefined
    : { kind: 'host-key-unknown', hop: nameOf(shown), fingerprint: shownKey(text) };
};

const unresolved: Trouble = (text) => {
  const [, why] = /^ssh: Could not resolve hostname \S+: (.+)$/m.exec(text) ?? [];
  if (why === undefined) return undefined;
  return {
    kind: 'unreachable',
    why: /^Temporary/.test(why) ? 'the name server does not answer' : 'its name cannot be resolved',
  };
};

/** strerror(3) in the C locale. */
const REASONS: Readonly<Record<string, string>> = {
  'Connection refused': 'nothing listens there (connection refused)',
  'No route to host': 'no route to it',
  'Network is unreachable': 'no route to its network',
  'Connection timed out': 'no answer',
};

const unconnected: Trouble = (text) => {
  const [, reason] = /^ssh: connect to host \S+ port \d+: (.+)$/m.exec(text) ?? [];
  if (reason === undefined) return undefined;
  const kind = reason === 'Connection refused' ? 'refused' : 'unreachable';
  return { kind, why: REASONS[reason] ?? sayable(reason) };
};

const silent: Trouble = (text) =>
  /^Timeout, server \S+ not responding\.$|^Connection timed out during banner exchange$/m.test(text)
    ? { kind: 'unreachable', why: 'the host does not answer' }
    : undefined;

/** By the last line of an ssh that meets them. */
const TROUBLES: readonly (readonly [ending: RegExp, troubles: readonly Trouble[]])[] = [
  [/^Host key verification failed\.$/, [changed, revoked, unknown]],
  [/^ssh: Could not resolve hostname /, [unresolved]],
  [/^ssh: connect to host /, [unconnected]],
  [/: Permission denied \([^)]*\)\.$|^(?:Received disconnect|Disconnected) from /, [denialIn]],
  [/ not responding\.$| timed out(?: during banner exchange)?$/, [silent]],
];

/** ssh does not say which file revokes a key. */
const SOMEWHERE = 'the known_hosts files of ssh';

function shownKey(text: string): string {
  return hostKeyIn(text) ?? 'that it showed';
}

function hungUp(text: string): string {
  const [, farewell] = /^Received disconnect from \S+ port \d+:\d+: (.+)$/m.exec(text) ?? [];
  if (farewell !== undefined) return `the host ended the login: "${sayable(farewell)}"`;
  return /reset by/i.test(text) ? 'the host reset the connection' : 'the host hung up during the login';
}

/** Why a connection that had been open is gone. */
export function lostIn(text: string): string {
  if (/^Timeout, server \S+ not responding\.$/m.test(plain(text))) return 'the host has not answered for 15 s';
  return 'the host closed the connection';
}

/** The last line that is not one of ssh's notes on what it does. */
function lastWords(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^(?:debug\d: |OpenSSH_)/.test(line));
  const last = lines.at(-1);
  return last === undefined ? undefined : sayable(last).replace(/\.$/, '');
}

/** Its lines end as a terminal's do; its own are no longer than this, those of a ProxyCommand may be. */
function plain(text: string): string {
  const lines = text.replaceAll('\r', '').split('\n');
  return lines.map((line) => line.slice(0, LONGEST_LINE)).join('\n');
}

/** MSGBUFSIZ in log.c. */
const LONGEST_LINE = 1024;
