/** Setting a host up and undoing it, by the real script and the real role, on hosts whose accounts have prepared for it. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyHostScript } from '#app/set-up-host.ts';
import { PROTOCOL } from '#domain/helper-state.ts';
import { removalScript, setupScript } from '#host/host-setup.ts';
import { KERNEL_HELPER_PATH, kernelHelper } from '#kinds/kernel/helper.ts';
import { changeHelper, HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { type Outcome, run } from '#lab/command.ts';
import { STATE } from '#lab/helper-on-host.ts';
import { helperOrder } from '#lab/helper-order.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { PROGRAM } from '../built.ts';

const [HOST, BUSYBOX] = ['web-01', 'db-01'];
const RULES = '/etc/sudoers.d/tcp-oncall-changes';
const BLOB = 'A'.repeat(68);
const KEY = `ssh-ed25519 ${BLOB} oncall@bastion`;
const ROLES = fileURLToPath(new URL('../../ansible/roles', import.meta.url));

/** What each account does in its home before root comes, and what root then says. */
const PREPARED = {
  etclink: ['ln -s /etc .ssh', 'is a link'],
  rootlink: ['ln -s /root/.ssh .ssh', 'is a link'],
  rootkeys: ['mkdir .ssh; ln -s /root/.ssh/authorized_keys .ssh/authorized_keys', 'is a link'],
  passwdkeys: ['mkdir .ssh; ln -s /etc/passwd .ssh/authorized_keys', 'is a link'],
  hardkeys: ['mkdir .ssh; echo >other; ln other .ssh/authorized_keys', 'is a link'],
  pipekeys: ['mkdir .ssh; mkfifo .ssh/authorized_keys', 'is not a file'],
} as const;

let lab: Lab;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'host-setup-'));
  lab = await openLab({ name: 'hostsetup', hosts: 2, variants: { [BUSYBOX]: 'busybox' } });
  const accounts = Object.entries(PREPARED).map(
    ([name, [prepare]]) => `useradd -m ${name}; su ${name} -c 'cd; umask 077; ${prepare}'`,
  );
  const made = await root(`mkdir -m 700 /root/.ssh; echo '# of root' >/root/.ssh/authorized_keys
    useradd -m racer; useradd -m -d /home/.hidden moved; ln -s .hidden /home/moved; usermod -d /home/moved moved
    useradd -M -d / slash; ln -s /root /home/rooted; useradd -M -d /home/rooted rooted; useradd -o -u 0 -M -d /home/toor toor
    ${accounts.join('\n')}`);
  expect(made.stderr).not.toMatch(/ln:|mkfifo:|su:/);
});
afterAll(async () => {
  await lab?.close();
  await rm(dir, { recursive: true, force: true });
});

const root = (command: string, input = '', host = HOST) => lab.exec(host, ['sh', '-c', command], { input });
const setUp = (account: string, publicKey: string | null = KEY, host = HOST) =>
  root('exec sh -s', setupScript({ helper: changeHelper(), account, publicKey, approvers: null }), host);
const remove = () => root('exec sh -s', removalScript('ops'));

/** Owners, modes and contents of what no account may change; without what setting up is there to write. */
async function whatRootHas(): Promise<string> {
  const { stdout } =
    await root(`find / /etc /root /home -maxdepth 3 -xdev -path /etc/sudoers.d -prune -o -user root -printf '%p %U:%G %m %l\\n' |
    sort -u; cat /etc/passwd /etc/shadow /root/.ssh/authorized_keys`);
  return stdout;
}

/** Every file of set-up, to the nanosecond. */
async function whatIsInstalled(): Promise<string> {
  return (
    await root(
      `find ${HELPER_PATH} /etc/sudoers.d ${STATE} /home/oncall -printf '%p %U:%G %m %i %T@\\n'; ls /usr/local/sbin`,
    )
  ).stdout;
}

describe('the script', () => {
  it('makes an account that logs in with its key, and the second time changes nothing', async () => {
    const key = join(dir, 'id');
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'oncall', '-f', key]);
    const publicKey = (await run(['cat', `${key}.pub`])).stdout.trim();
    const looked = await root('sh -s -- --look oncall', anyHostScript(false, null));
    expect([looked.status, looked.stdout]).toEqual([
      0,
      ['account oncall', STATE, HELPER_PATH, RULES].map((what) => `host-setup: would change: ${what}\n`).join(''),
    ]);
    const first = await setUp('oncall', publicKey);
    expect([first.status, first.stderr, first.stdout.match(/changing: .*/g)]).toEqual([
      0,
      '',
      ['account oncall', 'authorized_keys of oncall', STATE, HELPER_PATH, RULES].map((what) => `changing: ${what}`),
    ]);
    const installed = await whatIsInstalled();
    expect(installed).toMatch(/sudoers.d\/tcp-oncall-changes 0:0 440 /);
    expect(await setUp('oncall', publicKey)).toEqual({
      status: 0,
      stderr: '',
      stdout: `host-setup: done. oncall may run ${HELPER_PATH} as root.\n`,
    });
    expect(await whatIsInstalled()).toBe(installed);
    await root(
      '/usr/sbin/sshd -p 2222 -o AuthorizedKeysFile=.ssh/authorized_keys -o AllowUsers=oncall -o PidFile=none',
    );
    const { address } = lab.host(HOST);
    const options = ['-F', lab.paths.sshConfig, '-o', `IdentityFile=${key}`];
    const login = [
      '-p',
      '2222',
      '-l',
      'oncall',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
    ];
    const said = await run(['ssh', ...options, ...login, address, `sudo -n ${HELPER_PATH} ${PROTOCOL} word history`]);
    expect(said.stdout).toBe('word state listed\n');
  });

  it('writes to the account’s file as the account, wherever its home is and whatever its shell', async () => {
    await root('chsh -s /usr/sbin/nologin moved 2>/dev/null || usermod -s /usr/sbin/nologin moved');
    expect(await setUp('moved')).toMatchObject({ status: 0, stderr: '' });
    const { stdout } = await root(
      "find /home/.hidden/.ssh -printf '%p %u %m\\n' | sort; cat /home/moved/.ssh/authorized_keys",
    );
    expect(stdout).toBe(`/home/.hidden/.ssh moved 700\n/home/.hidden/.ssh/authorized_keys moved 600\n${KEY}\n`);
  });

  it('leaves a key with options as it is, and no line without its end', async () => {
    const file = '/home/guest/.ssh/authorized_keys';
    await root(`su guest -c 'mkdir -m 700 ~/.ssh; printf "# x\\nfrom=\\"192.0.2.1\\" ssh-ed25519 BBBB" >${file}'`);
    await setUp('guest', 'ssh-ed25519 BBBB other');
    expect((await root(`cat ${file}`)).stdout).toBe('# x\nfrom="192.0.2.1" ssh-ed25519 BBBB');
    await setUp('guest');
    expect((await root(`cat ${file}`)).stdout).toBe(`# x\nfrom="192.0.2.1" ssh-ed25519 BBBB\n${KEY}\n`);
  });

  it('refuses links and what is not the account’s, and touches nothing behind them', async () => {
    const before = await whatRootHas();
    for (const [account, [, why]] of Object.entries(PREPARED))
      expect(await setUp(account), account).toMatchObject({ status: 1, stderr: expect.stringContaining(why) });
    for (const account of ['slash', 'rooted'])
      expect(await setUp(account)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/cannot enter its home|does not belong to it/),
      });
    expect(await whatRootHas()).toBe(before);
  });

  it('refuses root by any name', async () => {
    for (const account of ['root', 'toor'])
      expect(await setUp(account)).toMatchObject({ status: 1, stderr: expect.stringContaining(`${account} is root`) });
  });

  it('is not outrun by an account that puts a link in its way', async () => {
    const before = await whatRootHas();
    const racing = lab.exec(HOST, [
      'su',
      'racer',
      '-c',
      'cd; until [ -e stop ]; do mkdir .ssh; rm -rf .ssh; ln -s /root/.ssh .ssh; rm .ssh; ln -s /etc .ssh; rm .ssh; done 2>/dev/null',
    ]);
    for (let round = 0; round < 10; round += 1) expect([0, 1]).toContain((await setUp('racer')).status);
    await root('su racer -c "touch ~/stop"');
    await racing;
    expect(await whatRootHas()).toBe(before);
  });

  it('does not put the helper where others may replace it', async () => {
    await root(
      `groupadd keepers; usermod -a -G keepers guest; chgrp keepers /usr/local; chmod g+w /usr/local; rm ${HELPER_PATH}`,
    );
    const refused = await setUp('ops', null);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('(guest) may write to /usr/local ') });
    expect((await root(`ls ${HELPER_PATH}`)).status).not.toBe(0);
    await root('gpasswd -d guest keepers');
    expect(await setUp('ops', null)).toMatchObject({ status: 0, stderr: '' });
    await root('chgrp 0 /usr/local; chmod 757 /usr/local');
    expect(await setUp('ops', null)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('everyone may write'),
    });
    await root('chmod 755 /usr/local');
  });

  it.each([
    [
      'in a group of the same number',
      'groupadd -o -g "$gid" doubles; usermod -a -G doubles guest',
      '(guest) may write',
    ],
    [
      'with the password of the group',
      'gpasswd -R keepers; echo keepers:secret | chgpasswd',
      'anyone-with-its-password',
    ],
  ])('nor where others may %s', async (_, prepare, why) => {
    await root(`getent group keepers || groupadd keepers; gid=$(getent group keepers | cut -d: -f3)
      chgrp keepers /usr/local; chmod g+w /usr/local; ${prepare}`);
    expect(await setUp('ops', null)).toMatchObject({ status: 1, stderr: expect.stringContaining(why) });
    await root('groupdel doubles; groupdel keepers; chgrp 0 /usr/local; chmod 755 /usr/local');
  });

  it('nor behind a link that goes by way of an account’s', async () => {
    await root(`mv /usr/local/sbin /usr/local/real; su guest -c 'ln -s /usr/local/real /home/guest/way'
      ln -s /home/guest/way /usr/local/sbin`);
    expect(await setUp('ops', null)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('/home/guest belongs to user '),
    });
    await root('rm /usr/local/sbin; ln -s real /usr/local/sbin');
    expect(await setUp('ops', null)).toMatchObject({ status: 0 });
    await root('rm /usr/local/sbin; mv /usr/local/real /usr/local/sbin');
  });

  it('works with busybox’s programs, beside sudo and su', async () => {
    const tree = `/proc/${lab.host(BUSYBOX).pid1}/root`;
    await Promise.all(
      ['/usr/bin/su', '/usr/bin/sudo', '/usr/sbin/visudo'].map(async (program) => {
        // There, it may be a link to busybox, which seen from here is this machine's own.
        await rm(`${tree}${program}`, { force: true });
        await copyFile(program, `${tree}${program}`);
      }),
    );
    const first = await setUp('guest', KEY, BUSYBOX);
    expect([first.status, first.stderr]).toEqual([0, '']);
    expect((await setUp('guest', KEY, BUSYBOX)).stdout).toBe(
      `host-setup: done. guest may run ${HELPER_PATH} as root.\n`,
    );
    const { stdout } = await root(
      'stat -c "%u %a" /home/guest/.ssh /home/guest/.ssh/authorized_keys; cat /home/guest/.ssh/*',
      '',
      BUSYBOX,
    );
    expect(stdout).toBe(`2003 700\n2003 600\n${KEY}\n`);
    await root('rm -rf /home/guest/.ssh; ln -s /etc /home/guest/.ssh; chown -h 2003 /home/guest/.ssh', '', BUSYBOX);
    expect(await setUp('guest', KEY, BUSYBOX)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is a link'),
    });
    expect((await root('stat -c "%u %a" /etc; ls /etc/authorized_keys', '', BUSYBOX)).stdout).toBe('0 755\n');
    const removed = await root('exec sh -s', removalScript('guest'), BUSYBOX);
    expect([removed.status, removed.stderr]).toEqual([0, '']);
    expect((await root(`ls -d ${HELPER_PATH} ${RULES} ${STATE}`, '', BUSYBOX)).stdout).toBe('');
  });
});

describe('kernels', () => {
  const [RULE, JOURNAL] = ['/etc/sudoers.d/tcp-oncall-kernel', '/var/lib/tcp-oncall-kernel'];
  const UNSIGNED = '/etc/tcp-oncall/kernel-unsigned';
  const allOfIt = `${KERNEL_HELPER_PATH} ${RULE} ${JOURNAL} ${UNSIGNED}`;
  const setUpKernel = (unsigned: boolean) =>
    root(
      'exec sh -s',
      setupScript({
        helper: changeHelper(),
        account: 'ops',
        publicKey: null,
        approvers: null,
        kernel: { helper: kernelHelper(), unsigned },
      }),
    );

  it('are taken where root says who may have them installed, by a program with a rule of its own', async () => {
    expect(await setUpKernel(false)).toMatchObject({ status: 1, stderr: expect.stringContaining('--approver-keys') });
    expect((await root(`ls -d ${allOfIt}`)).stdout).toBe('');
    expect(await setUpKernel(true)).toMatchObject({ status: 0, stderr: '' });
    const { stdout } = await root(
      `stat -c '%n %U %a' ${allOfIt}; cat ${RULE}; su ops -c 'sudo -n ${KERNEL_HELPER_PATH} 1 word status k1'`,
    );
    expect(stdout).toBe(`${KERNEL_HELPER_PATH} root 755
${RULE} root 440
${JOURNAL} root 700
${UNSIGNED} root 644
ops ALL=(root) NOPASSWD: ${KERNEL_HELPER_PATH}
word state none
`);
    expect((await setUpKernel(true)).stdout).not.toContain('changing');
    await setUp('ops', null);
    expect((await root(`ls -d ${allOfIt} | wc -l`)).stdout).toBe('4\n');
  });

  it('are not forgotten while one waits, and all of it is removed afterwards', async () => {
    await setUpKernel(true);
    await root(`mkdir -p ${JOURNAL}/changes/abc; echo installed >${JOURNAL}/changes/abc/state`);
    expect(await remove()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('abc is neither kept nor gone'),
    });
    expect((await root(`ls -d ${allOfIt} ${RULES} | wc -l`)).stdout).toBe('5\n');
    await root(`echo kept >${JOURNAL}/changes/abc/state`);
    expect(await remove()).toMatchObject({ status: 0, stderr: '' });
    expect((await root(`ls -d ${allOfIt} ${HELPER_PATH} ${RULES} ${STATE}`)).stdout).toBe('');
  });
});

describe('the role', () => {
  it('does the same: the key as the account, links refused, nothing the second time', async () => {
    await root('useradd -m roled');
    const before = await whatRootHas();
    const { stdout } = await playRole(['main', 'main'], ['roled', 'etclink', 'rootkeys', 'passwdkeys']);
    expect(resultsOf(stdout, 'roled')).toEqual(['changed', 'ok']);
    for (const account of ['etclink', 'rootkeys', 'passwdkeys']) {
      expect(resultsOf(stdout, account)).toEqual(['fatal']);
      expect(stdout).toContain(`host-setup: .ssh or .ssh/authorized_keys of ${account} is a link`);
    }
    expect(await whatRootHas()).toBe(before);
    const keys = await root("stat -c '%U %a' ~roled/.ssh ~roled/.ssh/authorized_keys; cat ~roled/.ssh/authorized_keys");
    expect(keys.stdout).toBe(`roled 700\nroled 600\n${KEY}\n`);
  });

  it('shows with --check what it would change', async () => {
    await setUp('roled');
    await root(`rm ${HELPER_PATH}`);
    const approver = `--approver=U0BOB:MCowBQYDK2VwAyEA${'A'.repeat(43)}=`;
    const options = JSON.stringify({ tcp_oncall_host_options: ['--approvals=1', approver] });
    const { stdout } = await playRole(['main'], ['roled'], '--check', '-v', '-e', options);
    expect(resultsOf(stdout, 'roled')).toEqual(['changed']);
    for (const path of [HELPER_PATH, '/etc/tcp-oncall/approvers']) {
      expect(stdout).toContain(`would change: ${path}`);
      expect((await root(`ls ${path}`)).status).not.toBe(0);
    }
  });

  it('takes away what it installed, once every change is undone', async () => {
    await setUp('ops', null);
    await root(`mkdir -p ${STATE}/changes/abc; echo undo-failed >${STATE}/changes/abc/state`);
    const undone = { 'ansible.builtin.shell': `echo reverted >${STATE}/changes/abc/state` };
    const { stdout } = await playRole([{ block: [role('remove')], rescue: [undone] }, 'remove', 'remove'], ['ops']);
    expect(stdout).toContain('host-setup: change abc is not undone (undo-failed)');
    expect(resultsOf(stdout, 'ops')).toEqual(['fatal', 'changed', 'changed', 'ok']);
    expect((await root(`ls -d ${HELPER_PATH} ${RULES} ${STATE}`)).stdout).toBe('');
  });
});

describe('removal', () => {
  it.each([
    ['applying', 'a change is on trial (abc, applying)'],
    ['on-trial', 'a change is on trial (abc, on-trial)'],
    ['reverting', 'a change is on trial (abc, reverting)'],
    ['undo-failed', 'change abc is not undone (undo-failed)'],
    ['', 'change abc is not undone ()'],
    [null, 'change abc is not undone (no state)'],
  ])('leaves everything while a change is %j', async (state, why) => {
    await setUp('ops', null);
    await root(`mkdir -p ${STATE}/changes/abc`);
    if (state !== null) await root(`echo ${state} >${STATE}/changes/abc/state`);
    expect(await remove()).toMatchObject({ status: 1, stderr: expect.stringContaining(why) });
    expect((await root(`ls -d ${HELPER_PATH} ${RULES} ${STATE}`)).status).toBe(0);
    await root(`rm -rf ${STATE}/changes`);
  });

  it('waits for a helper that has begun, and gives everything back when that is on trial', async () => {
    await setUp('ops', null);
    await root('echo 2 >/proc/sys/net/ipv4/tcp_tw_reuse; mkfifo /root/steps');
    const order = helperOrder('apply', 'raced', [{ key: 'net.ipv4.tcp_tw_reuse', from: '2', to: '1' }]);
    const helping = root(`${HELPER_PATH} ${PROTOCOL} word apply raced </root/steps`);
    // A pipe is opened once both ends are: this one is held until the steps are written.
    const writing = root('exec >/root/steps; until [ -e /root/go ]; do sleep 0.1; done; cat', order);
    await expect.poll(async () => (await root('cat /proc/[0-9]*/cmdline')).stdout).toContain(`${HELPER_PATH}\0`);
    const removing = remove();
    await expect.poll(async () => (await root(`ls ${RULES}.removing`)).status).toBe(0);
    await root('touch /root/go');
    await writing;
    expect(await removing).toMatchObject({ status: 1, stderr: expect.stringContaining('raced, on-trial') });
    await helping;
    expect((await root(`ls ${RULES} ${HELPER_PATH}`)).status).toBe(0);
    await root(`${HELPER_PATH} ${PROTOCOL} word revert raced; rm /root/steps /root/go`);
    expect(await remove()).toMatchObject({ status: 0, stderr: '' });
    expect((await root(`ls -d ${HELPER_PATH} ${RULES} ${RULES}.removing ${STATE}`)).stdout).toBe('');
    expect((await remove()).stdout).not.toContain('changing');
  });
});

const role = (tasks: 'main' | 'remove') => ({
  'ansible.builtin.include_role': { name: 'tcp_oncall_host', tasks_from: tasks },
});

/** Tasks, for these accounts of the host at once: each is a host to Ansible. */
async function playRole(
  tasks: readonly ('main' | 'remove' | object)[],
  accounts: readonly string[],
  ...options: readonly string[]
): Promise<Outcome> {
  const { address } = lab.host(HOST);
  const play = {
    hosts: 'all',
    become: true,
    gather_facts: false,
    tasks: tasks.map((task) => (task === 'main' || task === 'remove' ? role(task) : task)),
    vars: {
      ansible_python_interpreter: '/usr/bin/python3',
      ansible_user: 'admin',
      ansible_ssh_common_args: `-F ${lab.paths.sshConfig}`,
      tcp_oncall_host_account: '{{ inventory_hostname }}',
      tcp_oncall_host_public_key: KEY,
      tcp_oncall_host_script_command: [process.execPath, PROGRAM, 'host-setup', '--script'],
    },
  };
  const [playbook, inventory] = [join(dir, 'play.yml'), join(dir, 'hosts')];
  await writeFile(playbook, JSON.stringify([play]));
  await writeFile(inventory, accounts.map((account) => `${account} ansible_host=${address}\n`).join(''));
  const env = [
    `HOME=${dir}`,
    'LANG=C.UTF-8',
    `ANSIBLE_ROLES_PATH=${ROLES}`,
    'ANSIBLE_PIPELINING=1',
    'ANSIBLE_SSH_ARGS=-o ControlMaster=no',
    'ANSIBLE_NOCOLOR=1',
  ];
  return run(['env', ...env, 'ansible-playbook', '-i', inventory, playbook, ...options], { timeoutMs: 100_000 });
}

/** How each task ended that ran on the account's host; what runs here is named with an arrow. */
function resultsOf(said: string, account: string): readonly string[] {
  const lines = said.matchAll(/^(ok|changed|fatal): \[(\w+)\]/gm);
  return [...lines].filter(([, , name]) => name === account).map(([, result = '']) => result);
}
