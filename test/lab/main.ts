/** `npm run lab`: the lab from the shell. Exit status: 0 done, 1 it did not work, 2 wrong usage, 130 interrupted. */
import { spawn } from 'node:child_process';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { sshArgv } from './enter.ts';
import { faultName } from './fault.ts';
import { allFaults, findFault } from './fault-catalogue.ts';
import { findLab, type Lab, openLab } from './lab.ts';
import { LabError } from './lab-error.ts';
import type { Variant } from './state.ts';
import { allLabs, takeDown } from './take-down.ts';
import { readTouched } from './touched.ts';

const VARIANTS = ['plain', 'busybox', 'bash', 'full'] as const;

let interrupted = false;

const program = new Command('npm run lab --')
  .description(
    'Real hosts on this machine: network namespaces with their own sshd, accounts and kernel settings. Needs root.',
  )
  .option('--name <lab>', 'which lab', 'lab')
  .showHelpAfterError('(--help shows what there is)')
  .exitOverride();

program
  .command('up')
  .argument('[hosts]', 'how many', parseCount, 5)
  .option('--variant <host=kind>', `a host of another kind: ${VARIANTS.join(', ')}; repeatable`, addVariant, {})
  .description('bring hosts up; they stay until `down`')
  .action(up);
program.command('status').description('what is up').action(status);
program
  .command('ssh')
  .argument('<host>')
  .argument('[command...]')
  .option('-l, --user <user>', 'ops, guest or noshell', 'ops')
  .description('log in to a host, or run one command there')
  .action(ssh);
program.command('faults').description('what can be broken').action(listFaults);
program
  .command('fault')
  .argument('<id>', 'a diagnosis, or diagnosis/variant: `faults` lists them')
  .argument('<host>')
  .description('break a host; it heals after two minutes or with `heal`')
  .action(breakHost);
program
  .command('heal')
  .argument('[host]', 'and the hosts that hurt it; all without')
  .description('end faults')
  .action(heal);
program
  .command('down')
  .option('--all', 'every lab of this machine')
  .description('remove every trace of the lab')
  .action(down);

async function up(hosts: number, { variant }: { variant: Record<string, Variant> }): Promise<void> {
  const started = performance.now();
  const lab = await openLab({ name: labName(), hosts, variants: variant, keep: true });
  if (interrupted) return lab.close();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${lab.hosts.length} host${lab.hosts.length === 1 ? '' : 's'} up in ${seconds} s: ${lab.hosts.map(({ name }) => name).join(', ')}`,
  );
  console.log(`configuration: ${lab.paths.config}`);
  console.log(`log in:        ssh -F ${lab.paths.sshConfig} ${lab.hosts[0]?.name}`);
}

async function status(): Promise<void> {
  const lab = await theLab();
  for (const { name, address, variant, pid1 } of lab.hosts) {
    const { status: answer } = await lab.exec(name, ['true']);
    const { faults } = await readTouched(lab.name, name);
    const health = answer === 0 ? `up, pid ${pid1}` : 'DEAD';
    console.log([name.padEnd(10), address.padEnd(14), variant.padEnd(8), health, ...faults].join(' '));
  }
}

async function listFaults(): Promise<void> {
  for (const fault of await allFaults()) console.log(`${faultName(fault).padEnd(48)} ${fault.title}`);
}

async function breakHost(id: string, host: string): Promise<void> {
  const lab = await theLab();
  const { fault, cast, reports } = await lab.provoke(await findFault(id), host);
  console.log(`${fault.title}.`);
  console.log([...cast].map(([role, { name }]) => `${role}: ${name}`).join(', '));
  for (const report of reports) console.log(JSON.stringify(report));
}

async function heal(host?: string): Promise<void> {
  const lab = await theLab();
  await lab.heal(host);
  console.log(host === undefined ? 'all hosts healed' : `${host} healed`);
}

async function ssh(host: string, command: readonly string[], { user }: { user: string }): Promise<void> {
  const lab = await theLab();
  const [program = 'ssh', ...args] = [...sshArgv(lab.paths, lab.host(host).name, user), ...command];
  const child = spawn(program, args, { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

async function down({ all }: { all?: boolean }): Promise<void> {
  const labs = all ? await allLabs() : [labName()];
  const removed = [];
  for (const lab of labs) if (await takeDown(lab)) removed.push(lab);
  console.log(removed.length > 0 ? `removed: ${removed.join(', ')}` : 'nothing to remove');
}

function labName(): string {
  return String(program.opts()['name']);
}

async function theLab(): Promise<Lab> {
  const lab = await findLab(labName());
  if (lab) return lab;
  throw new LabError(`No lab called "${labName()}" is up: \`npm run lab -- up 5\` starts one.`);
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number, please.');
  return Number(text);
}

function addVariant(text: string, sofar: Record<string, Variant>): Record<string, Variant> {
  const [host = '', kind = ''] = text.split('=');
  const variant = VARIANTS.find((known) => known === kind);
  if (!variant) throw new InvalidArgumentError(`write host=kind with kind one of ${VARIANTS.join(', ')}.`);
  return { ...sofar, [host]: variant };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof LabError) {
    console.error(error.message);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
if (interrupted) process.exitCode = 130;
