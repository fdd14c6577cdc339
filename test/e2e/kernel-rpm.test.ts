/** The rpm recipe with the real rpm and rpmbuild, on synthetic source RPMs of five flavours. */
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runnerInput } from '#kinds/kernel/runner.ts';
import { ID, ORDER, openBuildHost, WORD } from '../kernel/build-host.ts';
import { fileServer, offerSrpm, type RecipePlace, recipePlace, stub, trustKey } from '../kernel/recipe-place.ts';
import { FLAVOURS, type Flavour } from '../kernel/synthetic-srpm.ts';

const NAMES = Object.keys(FLAVOURS) as readonly Flavour[];
let place: RecipePlace;

beforeAll(() => {
  place = recipePlace();
  trustKey(place);
});
afterAll(() => place.remove());

describe('a source RPM becomes packages with the wanted TIME_WAIT', () => {
  it.each([
    ['el6', '2.6.32-504.8.1.el6.tw15.abcdefgh', ['kernel', 'kernel-firmware']],
    ['el7', '3.10.0-1160.el7.tw15.abcdefgh', ['kernel']],
    ['el8', '4.18.0-553.el8.tw15.abcdefgh', ['kernel', 'kernel-core', 'kernel-modules']],
    ['el9', '5.14.0-503.11.1.tw15.abcdefgh.el9_5', ['kernel', 'kernel-core', 'kernel-modules', 'kernel-modules-core']],
    ['amzn', '6.1.102-108.177.tw15.abcdefgh.amzn2023', ['kernel']],
  ] as const)('%s', (flavour, name, packages) => {
    const order = offerSrpm(place, flavour);
    const { failure, lines } = place.run(flavour, order);
    expect(failure && place.read('log').slice(-2000)).toBeNull();
    expect(lines).toContain(`note release ${name}.x86_64`);
    expect(lines.filter((line) => line.startsWith('ship '))).toEqual(
      packages.map((part) => `ship out/${part}-${name}.x86_64.rpm`),
    );
    expect(sorts(name, order.version)).toBe('1');
    expect(readdirSync(join(place.work, 'rpm/RPMS/x86_64')).filter((file) => file.includes('-debug-'))).toEqual([]);
    expect(place.read('out/patch')).toContain('+#define TCP_TIMEWAIT_LEN (15*HZ)');
  });

  it('says that the source has that length already, and adds no patch', () => {
    const order = offerSrpm(place, 'el7', { define: '#define TCP_TIMEWAIT_LEN (15*HZ) /* how long to wait' });
    const { failure, lines } = place.run('el7', order);
    expect(failure).toBeNull();
    expect(lines).toContain('event note TCP_TIMEWAIT_LEN already 15');
    expect(place.read('out/patch')).toBe('');
  });

  it('compares the configuration with the one of the kernel that runs', () => {
    const order = offerSrpm(place, 'el8');
    writeFileSync(join(place.job, 'in/config'), 'CONFIG_HZ=250\n');
    expect(place.run('el8', order).failure).toBeNull();
    expect(place.read('out/config-diff')).toContain('-CONFIG_HZ=250\n+CONFIG_HZ=1000\n');
  });
});

it('is built by the runner, and is what its manifest says', async () => {
  const { package: name, version } = offerSrpm(place, 'el8');
  await using host = openBuildHost();
  // Its packages are dpkg's, so rpm is told that what the recipe needs is there.
  stub(place, 'rpm', 'case $* in *--whatprovides*) ;; *) exec /usr/bin/rpm "$@" ;; esac');
  for (const path of ['.rpmmacros', '.rpmdb'])
    cpSync(join(place.home, path), join(host.home, path), { recursive: true });
  for (const program of ['rpm', 'yumdownloader'])
    cpSync(join(place.dir, 'bin', program), join(host.home, '../bin', program));
  rmSync(join(place.dir, 'bin/rpm'));
  execFileSync('chown', ['-R', `${host.account}`, host.home]);
  execFileSync('chmod', ['755', place.dir]);
  const order = { ...ORDER, recipe: 'el8', configSha: null, source: { package: name, version, url: null } };
  const input = runnerInput(WORD, ID, { verb: 'build', order });
  if (input.kind === 'argv') await host.run(input.argv, input.stdin);
  const { state } = await host.over();
  expect(state, host.file('log').slice(-2000)).toMatchObject({ kind: 'built' });
  const built = '4.18.0-553.el8.tw15.abcdefgh';
  const manifest = host.file('out/manifest').split('\n');
  expect(manifest).toContain(`release\t${built}.x86_64`);
  expect(manifest.filter((line) => line.startsWith('file')).map((line) => line.split('\t')[3])).toEqual(
    ['kernel', 'kernel-core', 'kernel-modules'].map((part) => `${part}-${built}.x86_64.rpm`),
  );
});

describe('ends with a code for what is wrong', () => {
  it.each([
    ['el7', { define: '#define TCP_TIMEWAIT_LEN (sysctl_tw * HZ)' }, /^define-unknown include\/net\/tcp.h of kernel 3/],
    [
      'el8',
      { buildRequires: ['elfutils-devel', 'perl(ExtUtils::Embed)', 'gcc >= 99'] },
      /^dependencies elfutils-devel gcc perl-ExtUtils-Embed$/,
    ],
    ['el9', { fails: 'prep' }, /^unpack error: Bad exit status/],
    ['el6', { fails: 'build' }, /^compile net\/ipv4\/tcp.c:1:1: error: the compiler gives up$/],
    ['el8', { losesPatch: true }, /^patch-lost the spec of kernel 4/],
  ] as const)('%s %o', (flavour, faults, failure) => {
    expect(place.run(flavour, offerSrpm(place, flavour, faults)).failure).toMatch(failure);
  });

  it('has the next preflight ask for what the spec wanted', () => {
    place.run('el8', offerSrpm(place, 'el8', { buildRequires: ['elfutils-devel', 'a-new-one'] }), ['unpack']);
    expect(place.read('missing')).toBe('a-new-one\nelfutils-devel\n');
    place.run('el8', { seconds: '15', package: 'kernel', version: '1' }, ['missing']);
    expect(place.read('log')).toMatch(/^a-new-one$/m);
  });

  it('takes no source RPM without a signature that this host trusts', () => {
    const order = offerSrpm(place, 'el7', {}, false);
    expect(place.run('el7', order, ['unpack']).failure).toMatch(/^signature .*source.src.rpm: digests OK$/);
  });

  it('takes no source RPM that was changed after it was signed', () => {
    const order = offerSrpm(place, 'el7');
    const file = join(place.dir, 'offered.src.rpm');
    const bytes = readFileSync(file);
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(place.run('el7', order, ['unpack']).failure).toMatch(/^signature .*NOT OK/);
  });

  it('takes no source RPM of another version', () => {
    const order = { ...offerSrpm(place, 'el7'), version: '3.10.0-1160.99.el7' };
    expect(place.run('el7', order, ['unpack']).failure).toBe(
      'wrong-source wanted kernel 3.10.0-1160.99.el7, this is kernel 3.10.0-1160.el7',
    );
  });

  it('fetches a given address by https, from a host whose certificate is good', async () => {
    const order = offerSrpm(place, 'el7');
    const server = await fileServer(place);
    const url = `https://localhost:${server.port}/offered.src.rpm`;
    const trusting = { CURL_CA_BUNDLE: join(place.dir, 'certificate') };
    expect(place.run('el7', { ...order, url, ...trusting }, ['unpack']).failure).toBeNull();
    rmSync(join(place.sources, 'source.src.rpm'));
    expect(place.run('el7', { ...order, url }, ['unpack']).failure).toMatch(/^source-unavailable/);
    server.stop();
  });

  it('says so when the source cannot be had', () => {
    const order = offerSrpm(place, 'el7');
    stub(place, 'yumdownloader', 'echo "No Match for argument" >&2; exit 1');
    expect(place.run('el7', order, ['unpack']).failure).toMatch(/^source-unavailable kernel 3/);
  });
});

/** How rpm orders two versions: 1 = the first is newer. */
function sorts(newer: string, older: string): string {
  const script = `%{lua:print(rpm.vercmp("${newer}", "${older}"))}`;
  return execFileSync('rpm', ['--eval', script], { env: place.env, encoding: 'utf8' }).trim();
}

it('has all flavours', () => expect(NAMES).toEqual(['el6', 'el7', 'el8', 'el9', 'amzn']));
