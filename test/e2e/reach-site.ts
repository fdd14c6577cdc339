/** Real sshds that let people in by certificates, through commands, from agents, or not at all; and the configuration that names them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, makeAuthority } from '#lab/authority.ts';
import { must } from '#lab/command.ts';
import { makeKey, startSshd } from '#lab/local-sshd.ts';

export interface ReachSite {
  readonly dir: string;
  /** tcp-oncall.yaml. */
  readonly config: string;
  /** Of an agent with a certificate, and of one with ten keys that nobody takes. */
  readonly agents: { readonly certificate: string; readonly ten: string };
  /** The same with this transport for all hosts, and two seconds for a login. */
  readonly impatient: Readonly<Record<'auto' | 'ssh2', string>>;
  /** A directory for PATH: what every machine has, but no ssh. */
  readonly noPrograms: string;
  readonly close: () => Promise<void>;
}

/** In ssh_config's words; each has a HostKeyAlias of its name. */
interface Place {
  readonly port: number;
  readonly says: readonly string[];
  /** Where it is not on this machine's way. */
  readonly address?: string;
  /** How known_hosts knows it. */
  readonly known?: 'key' | 'authority';
}

const ACCOUNT = 'root';
/** As ssh-keygen writes one for a FIDO key; without the authenticator it opens nothing. */
const FIDO_TYPE = 'sk-ssh-ed25519@openssh.com';

export async function openReachSite(): Promise<ReachSite> {
  const dir = await mkdtemp(join(tmpdir(), 'reach-'));
  const file = (name: string) => join(dir, name);
  const [people, hosts, strangers] = (await Promise.all(
    ['people-ca', 'hosts-ca', 'strangers-ca'].map((name) => makeAuthority(dir, name)),
  )) as [Authority, Authority, Authority];
  const sshd = await startSshd({
    config: [`TrustedUserCAKeys ${people.file}`],
    certifyHost: (key) =>
      hosts.certify({ key, of: 'host', principals: ['host-certificate', 'both', 'behind', 'behind-ours'] }),
  });
  const strict = await startSshd({
    config: [
      `TrustedUserCAKeys ${people.file}`,
      `AuthorizedPrincipalsFile ${file('principals')}`,
      'AuthorizedKeysFile none',
    ],
  });
  const passwords = await startSshd({
    config: ['PubkeyAuthentication no', 'PasswordAuthentication yes', 'KbdInteractiveAuthentication yes', 'UsePAM no'],
  });
  await writeFile(file('principals'), 'oncall-team\n');
  await certifyKeys(file, people, strangers);
  await copyFile(sshd.identity, file('plain'));
  await writeFile(file('touch'), `${FIDO_TYPE} ${fidoKey().toString('base64')} touch\n`);
  await writeFile(file('tunnel.mjs'), TUNNEL);
  const tunnel = `${process.execPath} ${file('tunnel.mjs')}`;
  const identity = (name: string) => `IdentityFile ${file(name)}`;
  const { port } = sshd;
  const places: Readonly<Record<string, Place>> = {
    'user-certificate': { port, says: [identity('certified')], known: 'key' },
    'certificate-file': { port, says: [identity('apart'), `CertificateFile ${file('apart.cert')}`], known: 'key' },
    'host-certificate': { port, says: [identity('plain')], known: 'authority' },
    both: { port, says: [identity('certified')], known: 'authority' },
    behind: { port, says: [identity('certified'), 'ProxyJump both'], known: 'authority' },
    'behind-ours': { port, says: [identity('certified')], known: 'authority' },
    principal: { port: strict.port, says: [identity('team')], known: 'key' },
    proxied: {
      port,
      says: [identity('plain'), `ProxyCommand ${tunnel} 127.0.0.1 %p`],
      known: 'key',
      // No name server knows it: only the command finds it.
      address: 'proxied.invalid',
    },
    'proxied-shell': { port, says: [identity('plain'), `ProxyCommand ${tunnel} "$(echo %h)" %p | cat`], known: 'key' },
    'proxied-ssh2': { port, says: [identity('plain'), `ProxyCommand ${tunnel} %h %p`], known: 'key' },
    'ten-keys': {
      port,
      says: [identity('plain'), 'IdentitiesOnly yes', `IdentityAgent ${file('ten.sock')}`],
      known: 'key',
    },
    'many-keys': { port, says: [identity('plain')], known: 'key' },
    'agent-certificate': { port, says: ['IdentityFile none'], known: 'key' },
    'strange-ca': { port, says: [identity('strange')], known: 'key' },
    expired: { port, says: [identity('expired')], known: 'key' },
    'other-principal': { port: strict.port, says: [identity('certified')], known: 'key' },
    'strange-host-ca': { port, says: [identity('certified')] },
    hangs: { port, says: [identity('plain'), 'ProxyCommand sleep 300'], known: 'key' },
    dies: {
      port,
      says: [identity('plain'), "ProxyCommand /bin/sh -c 'echo no session for you >&2; exit 3'"],
      known: 'key',
    },
    garbage: {
      port,
      says: [identity('plain'), "ProxyCommand /bin/sh -c 'echo HTTP/1.1 403; sleep 300'"],
      known: 'key',
    },
    asks: { port: passwords.port, says: [identity('plain')], known: 'key' },
    'asks-openssh': { port: passwords.port, says: [identity('plain')], known: 'key' },
    fido: { port, says: [identity('touch')], known: 'key' },
    'certificate-ssh2': { port, says: [identity('certified')], known: 'key' },
  };
  const keys = new Map(
    await Promise.all([sshd, strict, passwords].map(async (each) => [each.port, await each.hostKey()] as const)),
  );
  const known = Object.entries(places).flatMap(([name, place]) => {
    if (place.known === undefined) return [];
    return [place.known === 'key' ? `${name} ${keys.get(place.port)}` : `@cert-authority ${name} ${hosts.publicKey}`];
  });
  // Behind a name that only the command knows, and in no ssh_config.
  const ansible = [
    `by-ansible ansible_host=by-ansible.invalid ansible_port=${port} ansible_user=${ACCOUNT}`,
    `ansible_ssh_private_key_file=${file('plain')} ansible_ssh_common_args='-o ProxyCommand="${tunnel} 127.0.0.1 %p"'`,
  ];
  await writeFile(file('hosts.ini'), `${ansible.join(' ')}\n`);
  known.push(`[by-ansible.invalid]:${port} ${keys.get(port)}`);
  await writeFile(file('known_hosts'), `@cert-authority strange-host-ca ${strangers.publicKey}\n${known.join('\n')}\n`);
  await writeFile(file('ssh_config'), Object.entries(places).map(block).join('\n'));
  const forced = (names: readonly string[], transport: string) => names.map((name) => [name, { transport }]);
  const said = {
    inventory: { sshConfig: './ssh_config', ansible: './hosts.ini' },
    ssh: { knownHosts: './known_hosts', readyTimeout: '20s' },
    hosts: {
      'behind-ours': { jump: 'both' },
      ...Object.fromEntries([
        ...forced(['proxied-ssh2', 'proxied-shell', 'certificate-ssh2'], 'ssh2'),
        ...forced(['asks-openssh', 'many-keys'], 'openssh'),
      ]),
    },
  };
  const impatient = (transport: string) => ({ ...said, ssh: { ...said.ssh, transport, readyTimeout: '2s' } });
  await Promise.all([
    writeFile(file('tcp-oncall.yaml'), JSON.stringify(said)),
    ...['auto', 'ssh2'].map((each) => writeFile(file(`${each}.yaml`), JSON.stringify(impatient(each)))),
    mkdir(file('bin')),
  ]);
  await symlink((await must(['which', 'mkfifo'])).trim(), file('bin/mkfifo'));
  const agents = await Promise.all([startAgent(file('certificate.sock')), startAgent(file('ten.sock'))]);
  await addTo(file('certificate.sock'), [file('held')]);
  const ten = Array.from({ length: 10 }, (_, index) => file(`stranger-${index}`));
  await Promise.all(ten.map((key) => makeKey(key)));
  await addTo(file('ten.sock'), ten);
  return {
    dir,
    config: file('tcp-oncall.yaml'),
    agents: { certificate: file('certificate.sock'), ten: file('ten.sock') },
    impatient: { auto: file('auto.yaml'), ssh2: file('ssh2.yaml') },
    noPrograms: file('bin'),
    async close() {
      for (const agent of agents) agent.kill();
      await Promise.all([sshd, strict, passwords].map(({ stop }) => stop()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function block([name, { port, says, address = '127.0.0.1' }]: [string, Place]): string {
  const lines = [`HostName ${address}`, `Port ${port}`, `User ${ACCOUNT}`, `HostKeyAlias ${name}`, ...says];
  return [`Host ${name}`, ...lines.map((line) => `  ${line}`), ''].join('\n');
}

async function certifyKeys(file: (name: string) => string, people: Authority, strangers: Authority): Promise<void> {
  await Promise.all(['certified', 'apart', 'held', 'team', 'strange', 'expired'].map((name) => makeKey(file(name))));
  const certify = (name: string, by = people, principals = [ACCOUNT], valid?: string) =>
    by.certify({ key: file(name), of: 'user', principals, ...(valid !== undefined && { valid }) });
  await Promise.all([
    certify('certified'),
    // Not where ssh finds it by itself.
    certify('apart').then((certificate) => rename(certificate, file('apart.cert'))),
    certify('held'),
    certify('team', people, ['oncall-team']),
    certify('strange', strangers),
    certify('expired', people, [ACCOUNT], '-2h:-1h'),
  ]);
}

async function startAgent(socket: string): Promise<ChildProcess> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  // It names its socket once it listens there.
  await once(agent.stdout, 'data');
  return agent;
}

async function addTo(socket: string, keys: readonly string[]): Promise<void> {
  await must(['env', `SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-q', ...keys]);
}

/** PROTOCOL.u2f: type, public key, application. */
function fidoKey(): Buffer {
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([Buffer.from(FIDO_TYPE), Buffer.alloc(32, 7), Buffer.from('ssh:')].map(field));
}

/** What netcat does, which not every machine has. */
const TUNNEL = `import { connect } from 'node:net';
const [host, port] = process.argv.slice(2);
const socket = connect(Number(port), host);
process.stdin.pipe(socket).pipe(process.stdout);
`;
