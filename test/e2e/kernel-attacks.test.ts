/** What the kernel helper takes from an account that may be anyone's: nothing but what was approved, whole, in time, once. */
import { describe, expect, it } from 'vitest';
import { type ApproverKey, makeApproverKey, signApproval } from '#change/signature.ts';
import { orderText } from '#kinds/root-program.ts';
import { kernelText, manifestText } from '#lab/kernel-order.ts';
import { type Built, newId, useKernelBox } from './kernel-box.ts';

const box = useKernelBox();
const nothing = async (before: string) => expect(await box.traces()).toBe(before);

const textOf = ({ id, artefact }: Built, details = {}) => kernelText('install', id, { artefact, ...details });
const unsigned = (text: string) => orderText(text, []);

describe('an order', () => {
  it.each([
    ['for another change', (text: string) => text.replace(/^change\t.*$/m, 'change\tzzzzzzzz'), 'bad-order'],
    ['of another kind', (text: string) => text.replace('kind\tkernel', 'kind\tsysctl'), 'bad-order'],
    ['for another gate', (text: string) => text.replace('gate\tinstall', 'gate\tboot'), 'bad-order'],
    ['for another architecture', (text: string) => text.replace('arch\tx86_64', 'arch\taarch64'), 'other-architecture'],
    [
      'with a release that is a path',
      (text: string) => text.replace(/^release\t.*$/m, 'release\t../../etc'),
      'bad-order',
    ],
    ['with fewer seconds than five', (text: string) => text.replace('seconds\t15', 'seconds\t4'), 'bad-order'],
    ['with a trial of a day', (text: string) => text.replace('revert\t600', 'revert\t86400'), 'bad-seconds'],
    ['without an artefact', (text: string) => text.replace(/^artefact\t.*$/m, 'artefact\t-'), 'bad-order'],
    ['that takes something back', (text: string) => text.replace('reverts\t-', 'reverts\tabc'), 'bad-order'],
    ['with a line more', (text: string) => `${text}extra\t1\n`, 'bad-order'],
    ['with a line less', (text: string) => text.replace(/^config\t.*\n/m, ''), 'bad-order'],
    ['with a package like an option', (text: string) => `${text}missing\t--root=/\n`, 'bad-order'],
    [
      'that has expired longer ago than it may wait',
      (text: string) => text.replace(/^expires\t.*$/m, `expires\t${Math.floor(Date.now() / 1000) - 86_500}`),
      'order-expired',
    ],
    ['without an expiry', (text: string) => text.replace(/^expires\t.*$/m, 'expires\t-'), 'order-expired'],
  ])('%s is refused', async (_, spoil, code) => {
    const built = await box.build(newId());
    const before = await box.traces();
    expect((await box.install(built, unsigned(spoil(textOf(built))))).refused?.[0]).toBe(code);
    await nothing(before);
  });

  it('that waited for its host within its patience is carried out', async () => {
    const built = await box.build(newId());
    const order = unsigned(textOf(built, { expiresAt: new Date(Date.now() - 3_600_000) }));
    expect(await box.install(built, order)).toMatchObject({ refused: null, state: { name: 'installing' } });
    await box.settled(built.id);
  });

  it('that is cut off, or has no end, is refused and costs no memory', async () => {
    const built = await box.build(newId());
    const order = unsigned(textOf(built));
    expect((await box.install(built, order.slice(0, 300), 'head -c 0')).refused).toEqual(['bad-order', 'no', 'end']);
    expect((await box.install(built, textOf(built), "tr '\\0' x </dev/zero | head -c 4000000")).refused?.[0]).toBe(
      'bad-order',
    );
  });

  it.each(['', '../x', 'a b', '$(id)', `'; id; '`, '*', 'x'.repeat(33)])(
    'of a change called %j is refused',
    async (id) => {
      expect((await box.helper(`status ${JSON.stringify(id).replaceAll('$', '\\$')}`)).refused?.[0]).toBe('bad-id');
    },
  );
});

describe('a manifest', () => {
  const file = (name: string, bytes = 3) => [{ name, sha256: 'a'.repeat(64), bytes }];
  it.each([
    ['a path upwards', (id: string) => manifestText(id, file('../../../etc/passwd.deb')), 'bad-manifest'],
    ['an absolute path', (id: string) => manifestText(id, file('/etc/passwd.deb')), 'bad-manifest'],
    ['an option', (id: string) => manifestText(id, file('--root.deb')), 'bad-manifest'],
    ['blanks and a command', (id: string) => manifestText(id, file('a b;id.deb')), 'bad-manifest'],
    ['no package', (id: string) => manifestText(id, file('passwd')), 'bad-manifest'],
    ['more than its host has room for', (id: string) => manifestText(id, file('a.deb', 1_073_741_825)), 'bad-manifest'],
    [
      'nine files',
      (id: string) => manifestText(id, Array.from({ length: 9 }, (_, n) => file(`a${n}.deb`)).flat()),
      'bad-manifest',
    ],
    ['a file twice', (id: string) => manifestText(id, [...file('a.deb'), ...file('a.deb')]), 'bad-manifest'],
    ['no file', (id: string) => manifestText(id, []), 'bad-manifest'],
    ['a million lines', (id: string) => manifestText(id, file('a.deb')).repeat(80_000), 'bad-manifest'],
    ['more after its end', (id: string) => `${manifestText(id, file('a.deb'))}file\tx\n`, 'bad-manifest'],
    ['another change', () => manifestText('zzzzzzzz', file('a.deb')), 'bad-manifest'],
    ['another running kernel', (id: string) => manifestText(id, file('a.deb'), { release: '6.1.0-1' }), 'bad-manifest'],
    ['other seconds', (id: string) => manifestText(id, file('a.deb'), { seconds: 16 }), 'bad-manifest'],
    [
      'a release of the distribution',
      (id: string) => manifestText(id, file('a.deb'), { built: '6.1.0-29-amd64' }),
      'bad-manifest',
    ],
    [
      'a release that is a path',
      (id: string) => manifestText(id, file('a.deb'), { built: `6/../tw15-${id}` }),
      'bad-manifest',
    ],
  ])('with %s is refused', async (_, spoil, code) => {
    const built = await box.rebuild(await box.build(newId()), spoil);
    const before = await box.traces();
    expect((await box.install(built)).refused?.[0]).toBe(code);
    await nothing(before);
  });
});

describe('what follows it', () => {
  it.each([
    ['is cut off', 'head -c -5', 'bad-bytes'],
    ['has a byte more', '{ cat; echo x; }', 'bad-bytes'],
    ['has a byte that is another', "sed 's/debian-binary/debian-binarx/'", 'wrong-artefact'],
    ['is another manifest', "sed 's/6[.]1[.]119-1/6.1.119-2/'", 'wrong-artefact'],
    ['is missing', 'head -c 0', 'bad-manifest'],
  ])('%s: it is refused', async (_, tail, code) => {
    const built = await box.build(newId());
    const before = await box.traces();
    expect((await box.install(built, undefined, tail)).refused?.[0]).toBe(code);
    await nothing(before);
    expect((await box.run('ls /var/lib/tcp-oncall-kernel/incoming')).status).not.toBe(0);
  });

  it('is what the account reads for itself: a link to a file of root leads nowhere, a file that was replaced counts for nothing', async () => {
    const built = await box.build(newId());
    const [{ name } = { name: '' }] = built.files;
    await box.run(`echo secret >/run/secret; chmod 600 /run/secret; ln -sf /run/secret ${built.directory}/${name}`);
    const answer = await box.install(built);
    expect(answer.refused?.[0]).toBe('bad-bytes');
    expect(answer.stdout).not.toContain('secret');
  });

  it.each([
    ['the headers of another package', 's/^Package: .*/Package: linux-libc-dev/', '', 'strange-package'],
    ['a file that is no kernel', '', 'mkdir -p deb/etc/sudoers.d; echo x >deb/etc/sudoers.d/x', 'strange-path'],
    ['another kernel', '', 'echo x >deb/boot/vmlinuz-6.1.0-28-amd64', 'strange-path'],
    ['a program with rights', '', 'chmod u+s deb/boot/vmlinuz-*', 'strange-path'],
  ])('is no kernel, though it was approved, with %s', async (_, control, files, code) => {
    const built = await box.build(newId(), { control, files });
    const before = await box.traces();
    expect((await box.install(built)).refused?.[0]).toBe(code);
    await nothing(before);
  });

  it('is taken from one at a time', async () => {
    const [first, second] = [await box.build(newId()), await box.build(newId())];
    await box.run('mkfifo /run/slow');
    await box.installInBackground(first, 'cat - /run/slow');
    await box.until('[ -e /var/lib/tcp-oncall-kernel/incoming ]');
    expect((await box.install(second)).refused).toEqual(expect.arrayContaining(['busy']));
    await box.run(': >/run/slow');
    await box.until(`[ -e /var/lib/tcp-oncall-kernel/changes/${first.id} ]`);
    expect(await box.settled(first.id)).toMatchObject({ state: { name: 'installed' } });
  });
});

describe('with approvers on the host', () => {
  const [BOB, EVE] = [makeApproverKey(), makeApproverKey()];
  const HOST_KEY = `SHA256:${'a'.repeat(43)}`;
  const approvers = `tcp-oncall approvers 1\napprovals 1\nbreak-glass no\nhostkey ${HOST_KEY}\nkey slack:U0BOB ${BOB.publicKey}\nkey slack:U0ALICE ${EVE.publicKey}\nend\n`;
  const demand = () =>
    box.run(
      `rm -f /etc/tcp-oncall/kernel-unsigned; printf '%s' '${approvers}' >/etc/tcp-oncall/approvers; chmod 644 /etc/tcp-oncall/approvers`,
    );
  const signed = (text: string, key: ApproverKey) => orderText(text, [signApproval(text, key.privateKey)]);

  it.each([
    ['that nobody has signed', (text: string) => unsigned(text), 'not-signed'],
    ['that the requester has signed', (text: string) => signed(text, EVE), 'not-signed'],
    ['that a stranger has signed', (text: string) => signed(text, makeApproverKey()), 'not-signed'],
    [
      'signed for another host',
      (text: string) => signed(text.replace(HOST_KEY, `SHA256:${'b'.repeat(43)}`), BOB),
      'other-host',
    ],
    [
      'altered after it was signed',
      (text: string) => signed(text, BOB).replace('revert\t600', 'revert\t1800'),
      'not-signed',
    ],
  ])('no order is carried out %s', async (_, order, code) => {
    await demand();
    const built = await box.build(newId());
    const before = await box.traces();
    expect((await box.install(built, order(textOf(built, { hostKey: HOST_KEY })))).refused?.[0]).toBe(code);
    await nothing(before);
  });

  it('one that was signed is, once: sent again after the way back it begins nothing', async () => {
    await demand();
    const built = await box.build(newId());
    const order = signed(textOf(built, { hostKey: HOST_KEY }), BOB);
    expect(await box.install(built, order)).toMatchObject({ state: { name: 'installing' } });
    await box.settled(built.id);
    expect((await box.boot(built)).refused?.[0]).toBe('other-host');
    await box.helper(`revert ${built.id}`);
    await box.settled(built.id);
    const before = await box.traces();
    expect(await box.install(built, order)).toMatchObject({ state: { name: 'reverted' } });
    await nothing(before);
  });
});

it('without approvers and without the word of root, nothing is carried out', async () => {
  await box.run('rm /etc/tcp-oncall/kernel-unsigned');
  const built = await box.build(newId());
  expect((await box.install(built)).refused?.[0]).toBe('not-signed');
  await box.run('ln -s /dev/null /etc/tcp-oncall/approvers');
  expect((await box.install(built)).refused?.[0]).toBe('approvers');
});

describe('later gates', () => {
  it('are for what was installed, in their order, and an old approval boots nothing again', async () => {
    const built = await box.build(newId());
    expect((await box.boot(built)).refused?.[0]).toBe('unknown');
    await box.run(`echo 15.20 >/run/time-wait-${built.release}`);
    await box.install(built);
    await box.settled(built.id);
    expect((await box.keep(built)).refused?.[0]).toBe('not-on-trial');
    expect((await box.boot({ ...built, artefact: 'b'.repeat(64) })).refused?.[0]).toBe('wrong-artefact');
    expect((await box.rollback(built)).state?.name).toBe('installed');
    await box.boot(built);
    await box.reboot('panic');
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'fell-back' } });
    expect((await box.boot(built)).refused?.[0]).toBe('not-installed');
  });
});

describe('build dependencies', () => {
  const order = (id: string, ...missing: readonly string[]) =>
    unsigned(kernelText('prepare', id, { plan: { missing: [...missing] } }));

  it('are installed by their names from the list, without taking anything away', async () => {
    const id = newId();
    expect((await box.helper(`prepare ${id}`, order(id, 'flex', 'linux-source-6.1'))).prepare?.name).toMatch(
      /installing|prepared/,
    );
    await expect.poll(async () => (await box.helper(`prepared ${id}`)).prepare?.name).toBe('prepared');
    expect((await box.calls()).join('\n')).toMatch(/apt-get .*--no-remove .*install -- flex linux-source-6.1$/m);
  });

  it.each(['openssh-server', 'linux-image-amd64', 'linux-source-6.1-evil', 'flex=1', 'flex:i386', 'flex/sid'])(
    '%s is not',
    async (name) => {
      const id = newId();
      const { refused } = await box.helper(`prepare ${id}`, order(id, name));
      expect(['not-allowed', 'bad-order']).toContain(refused?.[0]);
      expect((await box.calls()).join()).not.toContain('apt-get');
    },
  );

  it('that cannot be fetched are told of', async () => {
    const id = newId();
    await box.run(': >/run/no-network');
    await box.helper(`prepare ${id}`, order(id, 'flex'));
    await expect
      .poll(async () => (await box.helper(`prepared ${id}`)).prepare)
      .toEqual({ name: 'failed', text: 'E: Unable to fetch' });
  });
});
