/** A host that was set up with approver keys: the helper carries out what enough of them have signed, for this host, in time, and nothing else. */
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApproverKey, makeApproverKey } from '#change/signature.ts';
import { removalScript, setupScript } from '#host/host-setup.ts';
import { orderText } from '#kinds/root-program.ts';
import { changeHelper, HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { HELPER, helperSaid, WORD } from '#lab/helper-on-host.ts';
import { helperText, type OrderStep } from '#lab/helper-order.ts';
import { type Lab, openLab } from '#lab/lab.ts';

const [HOST, BUSYBOX] = ['web-01', 'db-01'];
const APPROVERS = '/etc/tcp-oncall/approvers';
const REUSE: OrderStep = { key: 'net.ipv4.tcp_tw_reuse', from: '2', to: '1' };
const [ALICE, BOB, CAROL, MALLORY] = [makeApproverKey(), makeApproverKey(), makeApproverKey(), makeApproverKey()];
const KEYS = new Map([
  ['U0ALICE', ALICE.publicKey],
  ['U0BOB', BOB.publicKey],
  ['U0CAROL', CAROL.publicKey],
]);
const TWO = { keys: KEYS, approvals: 2, breakGlass: false };

let lab: Lab;
let hostKey: string;
beforeAll(async () => {
  lab = await openLab({ name: 'approvers', hosts: 2, variants: { [BUSYBOX]: 'busybox' } });
  const blob = (await root('cat /etc/ssh/ssh_host_ed25519_key.pub')).stdout.split(' ')[1] ?? '';
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  hostKey = `SHA256:${digest.replaceAll('=', '')}`;
  expect(await setUp(TWO)).toMatchObject({ status: 0, stderr: '' });
});
afterAll(() => lab?.close());

const root = (command: string, input = '', host = HOST) => lab.exec(host, ['sh', '-c', command], { input });
const setUp = (approvers: typeof TWO | null) =>
  root('exec sh -s', setupScript({ helper: changeHelper(), account: 'ops', publicKey: null, approvers }));

async function helper(words: string, stdin = '', { host = HOST, shell = '' } = {}) {
  const { stdout, stderr } = await root(`${shell} ${HELPER} ${words}`, stdin, host);
  return helperSaid(stdout, stderr);
}

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);
type Details = Parameters<typeof helperText>[3];
const textFor = (gate: 'apply' | 'keep', id: string, details: Details = {}, steps = [REUSE]) =>
  helperText(gate, id, steps, { hostKey, expiresAt: inMinutes(10), ...details });
const signedBy = (text: string, ...keys: readonly ApproverKey[]) =>
  keys.map(({ privateKey }) => sign(null, Buffer.from(text), createPrivateKey(privateKey)).toString('base64'));
const order = (text: string, ...keys: readonly ApproverKey[]) => orderText(text, signedBy(text, ...keys));
const live = async () => (await root('cat /proc/sys/net/ipv4/tcp_tw_reuse')).stdout.trim();

describe('an order', () => {
  it.each(['', 'bash', 'busybox sh'])(
    'that two others have signed is applied, and kept by another that two have signed (%s)',
    async (shell) => {
      const id = `both${shell.length}`;
      const applied = await helper(`apply ${id}`, order(textFor('apply', id), BOB, CAROL), { shell });
      expect(applied).toMatchObject({ state: 'on-trial', refused: null });
      const unsigned = textFor('keep', id, { expiresAt: null });
      expect((await helper(`keep ${id}`, order(unsigned, BOB), { shell })).refused).toEqual([
        'not-signed',
        '1',
        'of',
        '2',
      ]);
      expect(
        (await helper(`keep ${id}`, orderText(unsigned, signedBy(textFor('apply', id), BOB, CAROL)))).refused,
      ).toEqual(['not-signed', '0', 'of', '2']);
      expect(await helper(`keep ${id}`, order(unsigned, CAROL, BOB), { shell })).toMatchObject({ state: 'kept' });
      expect(await helper(`revert ${id}`, '', { shell })).toMatchObject({ state: 'reverted' });
    },
  );

  const changed = (from: string, to: string) => {
    const text = textFor('apply', 'refused');
    return orderText(text.replace(from, to), signedBy(text, BOB, CAROL));
  };
  const text = (details: Details = {}) => textFor('apply', 'refused', details);
  const STEP = `step\t${REUSE.key}\tnetns\t2\t1\n`;
  const signedAs = (spelling: (one: string) => string) => orderText(text(), signedBy(text(), BOB, CAROL).map(spelling));
  /** Bits that the last digit of base64 has to spare, and that no decoder looks at. */
  function twoSpellings(): string {
    const [one = ''] = signedBy(text(), BOB);
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const other = digits[digits.indexOf(one[85] ?? '') + 1] ?? '';
    return orderText(text(), [one, `${one.slice(0, 85)}${other}==`]);
  }
  const refusals: readonly (readonly [what: string, order: () => string, why: string])[] = [
    ['without a signature', () => order(text()), 'not-signed 0 of 2'],
    ['with one', () => order(text(), BOB), 'not-signed 1 of 2'],
    ['with one twice', () => order(text(), BOB, BOB), 'not-signed 1 of 2'],
    ['with that of who asked for it', () => order(text(), BOB, ALICE), 'not-signed 1 of 2'],
    ['with that of a key that is not listed', () => order(text(), BOB, MALLORY), 'not-signed 1 of 2'],
    ['of break-glass, where the host allows none', () => order(text({ breakGlass: true }), BOB), 'not-signed 1 of 2'],
    ['with another value than was signed', () => changed('\t2\t1\n', '\t2\t0\n'), 'not-signed 0 of 2'],
    ['with more time than was signed', () => changed('revert\t600', 'revert\t1800'), 'not-signed 0 of 2'],
    ['of another requester than was signed', () => changed('U0ALICE', 'U0DAVE'), 'not-signed 0 of 2'],
    [
      'signed for another change',
      () => orderText(text(), signedBy(textFor('apply', 'another'), BOB, CAROL)),
      'not-signed 0 of 2',
    ],
    ['signed for another host', () => order(text({ hostKey: `SHA256:${'A'.repeat(43)}` }), BOB, CAROL), 'other-host'],
    ['signed for no host', () => order(text({ hostKey: null }), BOB, CAROL), 'other-host -'],
    ['whose time is over', () => order(text({ expiresAt: inMinutes(-1) }), BOB, CAROL), 'order-expired'],
    [
      'signed by who asks under the name of another surface',
      () => order(text({ requester: 'cli:U0BOB' }), BOB),
      'not-signed 0 of 2',
    ],
    ['with a signature in another alphabet', () => signedAs((one) => one.replace(/[+/=]/g, '_')), 'bad-order line'],
    ['with a signature and a blank', () => signedAs((one) => `${one.slice(0, -1)} `), 'bad-order line'],
    ['with a signature of zeros', () => orderText(text(), [`${'A'.repeat(86)}==`]), 'not-signed 0 of 2'],
    ['with one signature in two spellings', () => twoSpellings(), 'not-signed 1 of 2'],
    [
      'with nine signatures',
      () => orderText(text(), Array(8).fill(signedBy(text(), BOB)[0])).replace(/signature\t.*\n/, '$&$&'),
      'bad-order line',
    ],
    ['with blanks for tabs', () => changed('gate\tapply', 'gate apply'), 'bad-order line 4'],
    ['with two tabs', () => changed('gate\tapply', 'gate\t\tapply'), 'bad-order line 4'],
    ['with lines as on Windows', () => changed('gate\tapply\n', 'gate\tapply\r\n'), 'bad-order gate'],
    ['with a line twice', () => changed('gate\tapply\n', 'gate\tapply\ngate\tapply\n'), 'bad-order line 5'],
    ['with a step twice', () => changed(STEP, STEP + STEP), `bad-order ${REUSE.key} twice`],
    ['with a zero byte', () => changed('requester\tslack', 'requester\tsl\0ack'), 'bad-order requester'],
    ['with a number of another form', () => changed('revert\t600', 'revert\t0600'), 'bad-seconds'],
    [
      'with a longer number than there are seconds',
      () => text().replace(/expires\t\d+/, `expires\t${'9'.repeat(12)}`),
      'bad-order expires',
    ],
    ['that goes on after its end', () => `${order(text(), BOB, CAROL)}done\n`, 'bad-order there is more'],
    ['that never ends', () => `${text()}${STEP.repeat(5000)}`, 'bad-order'],
    [
      'with steps after its signatures',
      () => order(text(), BOB, CAROL).replace('done\n', `${STEP}done\n`),
      'bad-order line',
    ],
    ['without an end', () => order(text({ expiresAt: null }), BOB, CAROL), 'order-expired -'],
  ];
  it.each(refusals)('%s is refused', async (_, given, why) => {
    const { refused } = await helper('apply refused', given());
    expect(refused?.join(' ')).toMatch(new RegExp(`^${why}`));
    expect([await live(), (await root('ls /var/lib/tcp-oncall')).stdout]).toEqual([
      '2',
      expect.not.stringContaining('draft'),
    ]);
  });
});

it('its signatures are verified whatever the caller’s environment says of openssl', async () => {
  await root('printf "config_diagnostics = 1\nopenssl_conf = gone\n" >/tmp/openssl.cnf');
  const shell = 'OPENSSL_CONF=/tmp/openssl.cnf';
  expect(await helper('apply conf', order(textFor('apply', 'conf'), BOB, CAROL), { shell })).toMatchObject({
    state: 'on-trial',
    refused: null,
  });
  expect(await helper('revert conf')).toMatchObject({ state: 'reverted' });
});

it('a revert that is for a trial leaves alone what was kept meanwhile', async () => {
  await helper('apply meant', order(textFor('apply', 'meant'), BOB, CAROL));
  await helper('keep meant', order(textFor('keep', 'meant'), BOB, CAROL));
  expect(await helper('revert meant trial')).toMatchObject({ state: 'kept', refused: null });
  expect(await live()).toBe('1');
  expect(await helper('revert meant')).toMatchObject({ state: 'reverted' });
  expect(await live()).toBe('2');
});

it('an order is good once: sent again when it is over, it is not carried out again', async () => {
  const sent = order(textFor('apply', 'once'), BOB, CAROL);
  await helper('apply once', sent);
  await helper('revert once');
  expect(await helper('apply once', sent)).toMatchObject({ state: 'reverted' });
  expect(await live()).toBe('2');
  await helper('status never');
  expect(await helper('apply never', order(textFor('apply', 'never'), BOB, CAROL))).toMatchObject({ state: 'none' });
  expect(await live()).toBe('2');
});

it('what is due is undone before the signatures of another order are verified', async () => {
  await helper('apply due', order(textFor('apply', 'due'), BOB, CAROL));
  await root("pkill -f '[i]nternal wait due'; echo 1 >/var/lib/tcp-oncall/changes/due/due");
  expect((await helper('apply next', order(textFor('apply', 'next')))).refused?.[0]).toBe('not-signed');
  expect([await live(), (await root('cat /var/lib/tcp-oncall/changes/due/state')).stdout]).toEqual(['2', 'reverted\n']);
});

describe('the list of approvers', () => {
  const TEXT = () => order(textFor('apply', 'listed'), BOB, CAROL);
  const DAMAGE: readonly (readonly [what: string, command: string])[] = [
    ['empty', `: >${APPROVERS}`],
    ['cut off', `sed -i '$d' ${APPROVERS}`],
    ['for fewer approvals than it says once', `sed -i '2p' ${APPROVERS}`],
    ['with a key twice', `sed -i '/U0BOB/p' ${APPROVERS}`],
    ['with a line that is none', `sed -i '3i key slack:U0EVE' ${APPROVERS}`],
    ['one that others may write', `chmod g+w ${APPROVERS}`],
    ['one in a directory that others may write', `chmod o+w /etc/tcp-oncall`],
    ['one of another account', `chown ops ${APPROVERS}`],
    ['a link', `cp ${APPROVERS} /root/approvers; ln -sf /root/approvers ${APPROVERS}`],
    ['a link to nothing', `ln -sf /root/nothing ${APPROVERS}`],
    ['a directory', `rm ${APPROVERS}; mkdir ${APPROVERS}`],
    ['a pipe', `rm ${APPROVERS}; mkfifo ${APPROVERS}`],
  ];
  it.each(DAMAGE)('%s, lets nothing be done', async (_, damage) => {
    await root(`cp -a /etc/tcp-oncall /root/whole; ${damage}`);
    const { refused } = await helper('apply listed', TEXT());
    await root('rm -rf /etc/tcp-oncall; mv /root/whole /etc/tcp-oncall');
    expect(refused?.[0]).toBe('approvers');
    expect(await live()).toBe('2');
  });

  it('may allow one signature for break-glass, also of who asked', async () => {
    expect(await setUp({ ...TWO, breakGlass: true })).toMatchObject({ status: 0, stderr: '' });
    const alone = (details: Details) => order(textFor('apply', 'glass', details), ALICE);
    expect((await helper('apply glass', alone({}))).refused).toEqual(['not-signed', '0', 'of', '2']);
    expect(await helper('apply glass', alone({ breakGlass: true }))).toMatchObject({ state: 'on-trial' });
    await helper('revert glass');
    expect((await setUp(TWO)).stdout).toContain(`changing: ${APPROVERS}`);
  });

  it('stays when the host is set up again without one, and is not written again when it is the same', async () => {
    expect((await setUp(null)).stdout).toContain(`asks for the signatures of ${APPROVERS}: 2`);
    expect((await setUp(TWO)).stdout).not.toContain('changing');
    expect((await helper('apply unsigned', order(textFor('apply', 'unsigned')))).refused?.[0]).toBe('not-signed');
    expect((await lab.ssh(HOST, `sudo -n ${HELPER} approvers`)).stdout).toBe(`${WORD} approvers 2 of 3\n`);
  });

  it('is not installed where it cannot be used, and the one before it stays', async () => {
    const before = (await root(`cat ${APPROVERS}`)).stdout;
    const twice = new Map([...KEYS, ['U0DAVE', BOB.publicKey]]);
    expect(await setUp({ ...TWO, keys: twice })).toMatchObject({ status: 1, stderr: expect.stringContaining('twice') });
    // An openssl of before version 3.
    await root(`cat >/usr/local/sbin/openssl <<'END'
#!/bin/sh
case "$*" in *-rawin*) exit 1 ;; esac
exec /usr/bin/openssl "$@"
END
chmod 755 /usr/local/sbin/openssl`);
    const setUpAnew = await setUp({ ...TWO, approvals: 1 });
    const refused = await helper('apply listed', TEXT());
    await root('rm /usr/local/sbin/openssl');
    expect(setUpAnew).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('cannot verify signatures of Ed25519'),
    });
    expect(refused.refused?.[0]).toBe('no-verifier');
    expect((await root(`ls /etc/tcp-oncall; cat ${APPROVERS}`)).stdout).toBe(`approvers\n${before}`);
  });

  it('without an openssl lets nothing be done', async () => {
    const list = (await root(`cat ${APPROVERS}`)).stdout;
    await root(
      `mkdir -p /usr/local/sbin /etc/tcp-oncall; cat >${HELPER_PATH}; chmod 755 ${HELPER_PATH}`,
      changeHelper(),
      BUSYBOX,
    );
    await root(`cat >${APPROVERS}`, list, BUSYBOX);
    expect((await helper('apply listed', TEXT(), { host: BUSYBOX })).refused?.[0]).toBe('no-verifier');
  });

  it('goes with the helper', async () => {
    expect((await root('exec sh -s', removalScript('ops'))).stdout).toContain(APPROVERS);
    expect((await root('ls -d /etc/tcp-oncall')).status).not.toBe(0);
  });
});
