/** The change helper on real hosts: trial, timer, proof against every caller, and the old state whenever something fails. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL } from '#domain/helper-state.ts';
import { setupScript } from '#host/host-setup.ts';
import { changeHelper, HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { type HelperAnswer, readHelperAnswer } from '#kinds/sysctl/helper-answer.ts';
import { CONF, HELPER, helperSaid, STATE, WORD } from '#lab/helper-on-host.ts';
import { helperOrder, helperText, type OrderStep } from '#lab/helper-order.ts';
import { type Lab, openLab } from '#lab/lab.ts';

const [DASH, BUSYBOX] = ['web-01', 'db-01'];
const REUSE = { key: 'net.ipv4.tcp_tw_reuse', from: '2', to: '1' };
const FIN = { key: 'net.ipv4.tcp_fin_timeout', from: '60', to: '20' };

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ name: 'helper', hosts: 2, variants: { [BUSYBOX]: 'busybox' } });
  const installed = await root(
    DASH,
    'sh -s',
    setupScript({ helper: changeHelper(), account: 'ops', publicKey: null, approvers: null }),
  );
  expect([installed.status, installed.stderr]).toEqual([0, '']);
  await root(BUSYBOX, `mkdir -p /usr/local/sbin; cat > ${HELPER_PATH}; chmod 755 ${HELPER_PATH}`, changeHelper());
});
afterAll(() => lab.close());

let serial = 0;
let id = '';
/** Everything as it was, so that each test begins on the same host. */
afterEach(async () => {
  for (const host of [DASH, BUSYBOX]) {
    if (id !== '') await root(host, `${HELPER} revert ${id}`);
    await root(host, `rm -rf ${STATE}/changes ${CONF}`);
  }
});
function fresh(): string {
  serial += 1;
  id = `change${serial}`;
  return id;
}

function root(host: string, command: string, stdin = '') {
  return lab.exec(host, ['sh', '-c', command], { input: stdin });
}

async function helper(words: string, { host = DASH, stdin = '' } = {}): Promise<HelperAnswer & { status: number }> {
  const { stdout, stderr, status } = await root(host, `${HELPER} ${words}`, stdin);
  return { ...helperSaid(stdout, `${stderr} (status ${status})`), status: status ?? -1 };
}

async function netns(host: string): Promise<string> {
  const { stdout } = await root(host, 'readlink /proc/self/ns/net');
  return stdout.replaceAll(/\D/g, '');
}

let applied: readonly OrderStep[] = [];
async function apply(steps: readonly OrderStep[], { host = DASH, seconds = 60, change = fresh() } = {}) {
  applied = steps;
  const details = { revertSeconds: seconds, netns: await netns(host) };
  return helper(`apply ${change}`, { host, stdin: helperOrder('apply', change, steps, details) });
}
/** What was applied last. */
function keep(host = DASH) {
  return helper(`keep ${id}`, { host, stdin: helperOrder('keep', id, applied) });
}

async function live(key: string, host = DASH): Promise<string> {
  const { stdout } = await root(host, `cat /proc/sys/${key.replaceAll('.', '/')}`);
  return stdout.trim().replaceAll(/\s+/g, ' ');
}

const fileOf = async (host = DASH) => (await root(host, `cat ${CONF} 2>/dev/null | grep -v '^#'`)).stdout;

async function untilReverted(change: string, host = DASH): Promise<HelperAnswer> {
  await expect.poll(async () => (await helper(`status ${change}`, { host })).state).toBe('reverted');
  return helper(`status ${change}`, { host });
}

describe.each([
  ['dash and sudo', DASH],
  ['busybox', BUSYBOX],
])('with %s', (_, host) => {
  it('applies on trial, reads back, keeps, and reverts what was kept', async () => {
    const applied = await apply([REUSE, FIN], { host });
    expect(applied).toMatchObject({ status: 0, state: 'on-trial' });
    expect([...applied.values]).toEqual([
      [REUSE.key, '1'],
      [FIN.key, '20'],
    ]);
    expect(Number(applied.detail)).toBeGreaterThan(50);
    expect(await fileOf(host)).toBe('');
    expect(await keep(host)).toMatchObject({ status: 0, state: 'kept', shadowed: new Map() });
    expect(await fileOf(host)).toBe(`${REUSE.key} = 1\n${FIN.key} = 20\n`);
    expect(await helper(`revert ${id}`, { host })).toMatchObject({ status: 0, state: 'reverted' });
    expect([await live(REUSE.key, host), await live(FIN.key, host), await fileOf(host)]).toEqual(['2', '60', '']);
  });

  it('reverts by itself when nobody keeps it, and says so in its journal', async () => {
    await apply([REUSE], { host, seconds: 5 });
    const status = await untilReverted(id, host);
    expect(await live(REUSE.key, host)).toBe('2');
    expect(status.detail).toBe('timer');
    expect(status.journal.map(({ what }) => what)).toEqual([
      'applying for 5 s',
      `wrote ${REUSE.key} 1`,
      'on-trial',
      `restored ${REUSE.key} 2`,
      'reverted timer',
    ]);
  });
});

describe('asked again', () => {
  it('applies once, whatever it is asked', async () => {
    await apply([REUSE]);
    await root(DASH, `echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse`);
    expect(await apply([REUSE], { change: id })).toMatchObject({ status: 0, state: 'on-trial' });
    expect(await live(REUSE.key)).toBe('0');
    await root(DASH, `echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse`);
    await helper(`revert ${id}`);
    expect(await apply([REUSE], { change: id })).toMatchObject({ status: 0, state: 'reverted' });
    expect(await live(REUSE.key)).toBe('2');
    expect(await helper(`revert ${id}`)).toMatchObject({ status: 0, state: 'reverted' });
    expect(await keep()).toMatchObject({
      status: 1,
      refused: expect.arrayContaining(['not-on-trial']),
    });
  });

  it('has one change on trial at a time', async () => {
    await apply([REUSE]);
    const first = id;
    expect(await apply([FIN])).toMatchObject({ status: 1, refused: ['busy', first, 'is', 'on', 'trial'] });
    await helper(`revert ${first}`);
    expect(await apply([FIN], { change: id })).toMatchObject({ status: 0, state: 'on-trial' });
  });

  it('prolongs a trial, and not beyond an hour', async () => {
    await apply([REUSE]);
    expect(Number((await helper(`extend ${id} 600`)).detail)).toBeGreaterThan(600);
    expect(await helper(`extend ${id} 99999`)).toMatchObject({ status: 1 });
    for (const _ of [1, 2, 3]) await helper(`extend ${id} 1800`);
    const left = Number((await helper(`status ${id}`)).detail);
    expect([left <= 3600, left > 3500]).toEqual([true, true]);
  });

  it('about what it has never begun, does not begin it any more', async () => {
    expect(await helper(`status ${fresh()}`)).toMatchObject({ status: 0, state: 'none' });
    expect(await apply([REUSE], { change: id })).toMatchObject({ status: 0, state: 'none' });
    expect(await live(REUSE.key)).toBe('2');
    expect(await helper(`status ${id}`)).toMatchObject({ state: 'none' });
    expect(await keep()).toMatchObject({ status: 1, refused: ['not-on-trial', 'none'] });
    expect(await helper(`revert ${id}`)).toMatchObject({ status: 0, state: 'none' });
  });

  it('lists what it did', async () => {
    await apply([REUSE]);
    const { stdout } = await root(DASH, `${HELPER} history`);
    expect(stdout).toMatch(new RegExp(`^${WORD} change ${id} on-trial \\d+$`, 'm'));
    expect(await helper('status neverseen')).toMatchObject({ state: 'none' });
  });
});

describe('when something is not as planned', () => {
  it('a value that has drifted stops it before anything is written', async () => {
    await lab.sysctl(DASH, { [FIN.key]: '45' });
    const refused = await apply([REUSE, FIN]);
    expect(refused).toMatchObject({ status: 1, refused: ['drift', FIN.key, '45'] });
    expect(await live(REUSE.key)).toBe('2');
    await lab.sysctl(DASH, { [FIN.key]: '60' });
  });

  it('another network namespace is left alone', async () => {
    const refused = await helper(`apply ${fresh()}`, {
      stdin: helperOrder('apply', id, [REUSE], { netns: '4026531999' }),
    });
    expect(refused).toMatchObject({ status: 1, refused: ['netns', await netns(DASH)] });
  });

  it('a key this kernel lacks is said', async () => {
    const step = { key: 'net.ipv4.tcp_tw_recycle', from: '1', to: '0' };
    expect(await apply([step])).toMatchObject({ status: 1, refused: ['no-key', step.key] });
  });

  it('one write that fails undoes those before it', async () => {
    // The kernel takes no range below the first unprivileged port, which this host has set high.
    await root(
      DASH,
      'echo "32768 60999" > /proc/sys/net/ipv4/ip_local_port_range; echo 20000 > /proc/sys/net/ipv4/ip_unprivileged_port_start',
    );
    const range = { key: 'net.ipv4.ip_local_port_range', from: '32768 60999', to: '10240 65535' };
    const failed = await apply([REUSE, range]);
    expect(failed).toMatchObject({ status: 2, failed: ['invalid-value', range.key], state: 'reverted' });
    expect([await live(REUSE.key), await live(range.key)]).toEqual(['2', '32768 60999']);
    await root(DASH, 'echo 1024 > /proc/sys/net/ipv4/ip_unprivileged_port_start');
  });

  it('what somebody else changed meanwhile is theirs', async () => {
    await apply([REUSE, FIN]);
    await root(DASH, 'echo 30 > /proc/sys/net/ipv4/tcp_fin_timeout');
    const reverted = await helper(`revert ${id}`);
    expect(reverted).toMatchObject({ state: 'reverted', conflicts: new Map([[FIN.key, '30']]) });
    expect([await live(REUSE.key), await live(FIN.key)]).toEqual(['2', '30']);
    await root(DASH, 'echo 60 > /proc/sys/net/ipv4/tcp_fin_timeout');
  });

  it('a full disk, or a place that is not its own, stops it before anything is written', async () => {
    await root(
      DASH,
      `mkdir -p ${STATE}; mount -t tmpfs -o size=4k,mode=700 tmpfs ${STATE}; dd if=/dev/zero of=${STATE}/full bs=4k count=2 2>/dev/null`,
    );
    const mounted = (await root(DASH, `mountpoint -q ${STATE}`)).status === 0;
    if (mounted)
      expect(await apply([REUSE])).toMatchObject({ status: 1, refused: expect.arrayContaining(['no-journal']) });
    await root(DASH, `umount ${STATE} 2>/dev/null; rm -rf ${STATE}; mkdir -m 777 ${STATE}`);
    expect(await apply([REUSE])).toMatchObject({ status: 1, refused: expect.arrayContaining(['unsafe-state']) });
    await root(DASH, `rm -rf ${STATE}; ln -s /tmp ${STATE}`);
    expect(await apply([REUSE])).toMatchObject({ status: 1, refused: expect.arrayContaining(['unsafe-state']) });
    await root(DASH, `rm -f ${STATE}`);
    expect(await live(REUSE.key)).toBe('2');
  });

  it('a file that cannot be written undoes the trial', async () => {
    await apply([REUSE]);
    await root(DASH, `rm -rf ${CONF}; mkdir ${CONF}`);
    const failed = await keep();
    await root(DASH, `rmdir ${CONF}/* ${CONF}; rm -rf ${CONF}`);
    expect(failed).toMatchObject({ status: 2, failed: expect.arrayContaining(['no-file']), state: 'reverted' });
    expect(await live(REUSE.key)).toBe('2');
  });

  it('a file that is read after ours is named', async () => {
    await apply([REUSE]);
    await root(DASH, `echo '${REUSE.key} = 0' > /etc/sysctl.conf`);
    const kept = await keep();
    await root(DASH, ': > /etc/sysctl.conf');
    expect(kept).toMatchObject({ state: 'kept', shadowed: new Map([[REUSE.key, '/etc/sysctl.conf']]) });
  });

  it('keeps what other changes kept', async () => {
    await apply([REUSE]);
    await keep();
    const first = id;
    await apply([FIN]);
    await keep();
    expect(await fileOf()).toBe(`${REUSE.key} = 1\n${FIN.key} = 20\n`);
    await helper(`revert ${first}`);
    expect(await fileOf()).toBe(`${FIN.key} = 20\n`);
    await helper(`revert ${id}`);
    expect(await fileOf()).toBe('');
  });
});

describe('when its caller is gone', () => {
  it('the timer is armed before the first write, and survives the login and its processes', async () => {
    const ssh = lab.ssh(
      DASH,
      `sudo -n ${HELPER} apply ${fresh()} <<'END'\n${helperOrder('apply', id, [REUSE], { revertSeconds: 5 })}END`,
    );
    expect((await ssh).stdout).toContain('on-trial');
    await root(DASH, 'pkill -9 -u ops; true');
    await untilReverted(id);
    expect(await live(REUSE.key)).toBe('2');
  });

  it('killed half-way: the next one who asks finds the old values', async () => {
    await apply([REUSE], { seconds: 600 });
    // As if it had been killed between its write and its last word.
    await root(DASH, `echo applying > ${STATE}/changes/${id}/state`);
    expect(await helper(`status ${id}`)).toMatchObject({ state: 'reverted', detail: 'interrupted' });
    expect(await live(REUSE.key)).toBe('2');
  });

  it('after a reboot nothing is left to undo', async () => {
    await apply([REUSE], { seconds: 600 });
    await root(
      DASH,
      `echo 2 >/proc/sys/net/ipv4/tcp_tw_reuse; cd ${STATE}/changes/${id}; cat /proc/sys/kernel/random/uuid >another; mv another boot`,
    );
    expect(await helper(`status ${id}`)).toMatchObject({ state: 'reverted', detail: 'reboot' });
  });
});

it('undoes what it would never have written', async () => {
  const from = { 'net.core.somaxconn': '128', 'net.ipv4.ip_local_port_range': '40000 40999' };
  for (const [key, value] of Object.entries(from))
    await root(DASH, `echo '${value}' > /proc/sys/${key.replaceAll('.', '/')}`);
  const steps = [
    { key: 'net.ipv4.ip_local_port_range', from: '40000 40999', to: '10240 65535' },
    { key: 'net.ipv4.ip_local_reserved_ports', from: '', to: '40000-40999' },
    { key: 'net.core.somaxconn', from: '128', to: '4096' },
  ];
  expect(await apply(steps)).toMatchObject({ status: 0, state: 'on-trial' });
  expect(await helper(`revert ${id}`)).toMatchObject({ status: 0, state: 'reverted', stuck: new Map() });
  for (const [key, value] of Object.entries(from)) expect([key, await live(key)]).toEqual([key, value]);
  expect(await live('net.ipv4.ip_local_reserved_ports')).toBe('');
  await root(DASH, "echo '32768 60999' > /proc/sys/net/ipv4/ip_local_port_range");
});

describe('called directly, by an account that wants more', () => {
  const order = (steps: readonly OrderStep[], more = {}) => helperOrder('apply', 'bad', steps, more);
  const ok = order([REUSE]);
  const changed = (from: string, to: string) => ok.replace(from, to);
  const signature = `signature\t${'A'.repeat(86)}==\n`;
  const ports = { key: 'net.ipv4.ip_local_port_range', from: '32768 60999' };
  const bad: readonly (readonly [what: string, order: string, why: string])[] = [
    ['a key outside its list', order([{ key: 'kernel.core_pattern', from: 'core', to: '|/tmp/x' }]), 'bad-order'],
    ['another key outside its list', order([{ key: 'net.ipv4.ip_forward', from: '0', to: '1' }]), 'not-allowed'],
    ['a path', order([{ key: '../../etc/passwd', from: '0', to: '1' }]), 'bad-order'],
    ['dots in a key', order([{ key: 'net.ipv4...tcp_tw_reuse', from: '0', to: '1' }]), 'not-allowed'],
    ['shell words', order([{ key: REUSE.key, from: '2', to: '1;id' }]), 'bad-order'],
    ['a substitution', order([{ key: REUSE.key, from: '2', to: '$(id)' }]), 'bad-order'],
    ['a value out of bounds', order([{ ...REUSE, to: '2' }]), 'out-of-bounds'],
    ['tcp_timestamps off', order([{ key: 'net.ipv4.tcp_timestamps', from: '1', to: '0' }]), 'out-of-bounds'],
    ['half a range', order([{ ...ports, to: '20000' }]), 'out-of-bounds'],
    ['an odd first port', order([{ ...ports, to: '10241 65535' }]), 'out-of-bounds'],
    ['a number that wraps', order([{ ...FIN, to: '18446744073709551636' }]), 'out-of-bounds'],
    [
      'every port reserved',
      order([{ key: 'net.ipv4.ip_local_reserved_ports', from: '', to: '1-65535' }]),
      'out-of-bounds',
    ],
    ['the same key twice', order([REUSE, REUSE]), 'bad-order'],
    ['a line after the steps', changed('end\n', 'netns\t-\nend\n'), 'bad-order'],
    ['a line twice', changed('risk\tlow\n', 'risk\tlow\nrisk\tlow\n'), 'bad-order'],
    ['a line too few', changed('artefact\t-\n', ''), 'bad-order'],
    ['lines in another order', changed('netns\t-\nfix\ta-fix\n', 'fix\ta-fix\nnetns\t-\n'), 'bad-order'],
    ['an unknown line', changed('artefact\t', 'comment\t'), 'bad-order'],
    ['a field too many', changed('risk\tlow', 'risk\tlow\tlow'), 'bad-order'],
    ['an empty value', changed('host\tweb-01', 'host\t'), 'bad-order'],
    ['a control character', changed('slack:U0ALICE', 'slack:\x1b[2J'), 'bad-order'],
    ['another version', changed('change\t2', 'change\t3'), 'bad-order'],
    ['of another change', changed('change\tbad', 'change\tgood'), 'bad-order'],
    ['of another kind', changed('kind\tsysctl', 'kind\tkernel'), 'bad-order'],
    ['of another gate', helperOrder('keep', 'bad', [REUSE]), 'bad-order'],
    ['no step', order([]), 'bad-order'],
    ['a time with a zero before it, which a shell reads as another', changed('\t600\n', '\t0100\n'), 'bad-seconds'],
    ['more time than half an hour', order([REUSE], { revertSeconds: 1801 }), 'bad-seconds'],
    ['no end', helperText('apply', 'bad', [REUSE]), 'bad-order'],
    ['cut off after its end', changed('done\n', ''), 'bad-order'],
    ['more after the end', `${ok}more\n`, 'bad-order'],
    ['nine signatures', changed('done', `${signature.repeat(9)}done`), 'bad-order'],
    ['a signature of another length', changed('done', 'signature\tAAAA\ndone'), 'bad-order'],
    ['nothing', '', 'bad-order'],
    ['a megabyte', `${'x'.repeat(1_000_000)}\n${ok}`, 'bad-order'],
    ['a megabyte of signatures', changed('done', `${signature.repeat(11_000)}done`), 'bad-order'],
  ];
  it.each(bad)('%s is refused', async (_, stdin, why) => {
    id = 'bad';
    const answer = await helper(`apply ${id}`, { stdin });
    expect(answer).toMatchObject({ status: 1, refused: expect.arrayContaining([why]) });
    expect((await root(DASH, `ls ${STATE}`)).stdout).not.toContain('draft');
    expect([await live(REUSE.key), await live(FIN.key), await live('net.ipv4.ip_forward')]).toEqual(['2', '60', '0']);
  });

  it('what was applied is kept by an order of the same steps, and no other', async () => {
    await apply([REUSE]);
    for (const [order, why] of [
      [helperOrder('keep', id, [{ ...REUSE, to: '0' }]), 'bad-order'],
      [helperOrder('keep', id, [REUSE, FIN]), 'bad-order'],
      [helperOrder('apply', id, [REUSE]), 'bad-order'],
      [helperOrder('keep', 'other', [REUSE]), 'bad-order'],
      [helperOrder('keep', id, [REUSE], { netns: '4026531999' }), 'netns'],
    ] as const)
      expect((await helper(`keep ${id}`, { stdin: order })).refused?.[0]).toBe(why);
    expect(await helper(`status ${id}`)).toMatchObject({ state: 'on-trial' });
    expect(await helper(`extend ${id} 0600`)).toMatchObject({ refused: expect.arrayContaining(['bad-seconds']) });
  });

  it.each(['../../etc', 'a/b', 'A', "x';id", 'x'.repeat(33), '.', '-'])('the id %j is refused', async (name) => {
    const { stdout } = await lab.exec(DASH, [HELPER_PATH, String(PROTOCOL), WORD, 'status', name]);
    expect(readHelperAnswer(stdout, WORD)).toMatchObject({ refused: expect.arrayContaining(['bad-id']) });
  });

  it('a link in the place of a change is not followed', async () => {
    await root(DASH, `mkdir -p -m 700 ${STATE}/changes; ln -s /etc ${STATE}/changes/${fresh()}`);
    expect(await helper(`status ${id}`)).toMatchObject({ refused: expect.arrayContaining(['unsafe-state']) });
  });

  it('speaks its own protocol only, to root only, and nothing else may be run', async () => {
    const { stdout } = await lab.exec(DASH, [HELPER_PATH, '1', WORD, 'status', 'x']);
    expect(stdout).toBe(`${WORD} refused protocol ${PROTOCOL}\n`);
    expect((await lab.ssh(DASH, `${HELPER} history`)).stdout).toContain('refused not-root');
    const allowed = await lab.ssh(DASH, `sudo -n ${HELPER} history`);
    expect([allowed.status, allowed.stdout]).toEqual([0, expect.stringContaining('state listed')]);
    expect((await lab.ssh(DASH, 'sudo -n sh -c id', 'guest')).status).not.toBe(0);
    expect((await lab.ssh(DASH, `sudo -n ${HELPER} history`, 'guest')).status).not.toBe(0);
  });
});
