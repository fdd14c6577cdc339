/** `npm run demo`: real hosts, three of them broken in different ways, each checked in the terminal by the real program. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findFault } from '#lab/fault-catalogue.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { LabError } from '#lab/lab-error.ts';

const PROGRAM = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Host, what breaks it (the fault's own title is English), and the hosts that play the other parts. */
const BROKEN = [
  [
    'web-01',
    'ephemeral-port-exhaustion-per-destination',
    ['db-01'],
    '1つの宛先へのローカルポート 200 個中 200 個が TIME_WAIT',
  ],
  ['api-01', 'accept-queue-slow-accept', ['lb-01'], '毎秒 40 本届く接続を 10 本しか受け付けない'],
  ['cache-01', 'close-wait-leak', ['nat-01'], '閉じられないソケット 200 個が CLOSE_WAIT のまま'],
] as const;
const CHECKED = ['web-01', 'api-01', 'cache-01', 'db-01'];

const WORDS = {
  en: {
    up: (hosts: number) => `Starting ${hosts} hosts on this machine: namespaces, each with an sshd of its own...`,
    break: (host: string, title: string) => `Breaking ${host}: ${title}`,
    down: 'Taking the hosts down...',
    gone: 'Nothing is left behind.',
    next: 'Break hosts yourself: npm run lab -- up 5; npm run lab -- --help',
  },
  ja: {
    up: (hosts: number) => `このマシンにホストを${hosts}台用意しています（名前空間ごとに sshd を1つ）...`,
    break: (host: string, title: string) => `${host} を壊しています: ${title}`,
    down: 'ホストを片付けています...',
    gone: 'すべて片付けました。',
    next: '自分で壊してみるには: npm run lab -- up 5、npm run lab -- --help',
  },
} as const;

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());

process.exitCode = await demo().catch((error: unknown) => {
  if (!(error instanceof LabError)) throw error;
  console.error(`demo: ${error.message}`);
  return 1;
});

async function demo(): Promise<number> {
  const language = parseLanguage();
  if (language === undefined) {
    console.error('demo: usage: npm run demo [-- --lang en|ja]');
    return 2;
  }
  const words = WORDS[language];
  console.log(words.up(6));
  const lab = await openLab({ name: 'demo', hosts: 6 });
  try {
    await story(lab, language);
  } finally {
    console.log(`\n${words.down}`);
    await lab.close();
  }
  console.log(words.gone);
  if (interrupt.signal.aborted) return 130;
  console.log(words.next);
  return 0;
}

async function story(lab: Lab, language: 'en' | 'ja'): Promise<void> {
  for (const [host, id, others, japanese] of BROKEN) {
    if (interrupt.signal.aborted) return;
    const fault = await findFault(id);
    console.log(WORDS[language].break(host, language === 'ja' ? japanese : fault.title));
    await lab.provoke(fault, host, others);
  }
  for (const host of CHECKED) {
    if (interrupt.signal.aborted) return;
    console.log(`\n$ tcp-oncall check ${host}`);
    await check(host, lab.paths.config, language);
  }
}

/** Resolves when the check has ended, whatever it found. Ctrl-C reaches it through the terminal. */
function check(host: string, config: string, language: string): Promise<void> {
  const args = [
    '--conditions=source',
    '--import',
    'tsx',
    PROGRAM,
    'check',
    host,
    '--config',
    config,
    '--lang',
    language,
  ];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  interrupt.signal.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
  return new Promise((resolve) => child.on('close', () => resolve()));
}

function parseLanguage(): 'en' | 'ja' | undefined {
  try {
    const { values } = parseArgs({ options: { lang: { type: 'string' } } });
    const { lang = (process.env['LC_ALL'] ?? process.env['LANG'] ?? '').startsWith('ja') ? 'ja' : 'en' } = values;
    return lang === 'en' || lang === 'ja' ? lang : undefined;
  } catch {
    return undefined;
  }
}
