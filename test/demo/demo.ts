/** `npm run demo`: broken hosts, a Slack to type in, and the bot, all on this machine. `--story` plays it without a browser. */
import { parseArgs } from 'node:util';
import { LabError } from '#lab/lab-error.ts';
import { setKernelScene } from './kernel-scene.ts';
import { KERNEL_STORY } from './kernel-story.ts';
import { type Scene, setScene } from './scene.ts';
import { SHOP_STORY } from './shop-story.ts';
import { playStory } from './story.ts';
import { WORDS } from './words.ts';

const PORT = 4390;
const USAGE = 'demo: usage: npm run demo [-- [--kernel] [--story] [--lang en|ja] [--port N]]';

interface Options {
  readonly language: 'en' | 'ja';
  /** Kernel builds, on machines that really boot. */
  readonly kernel: boolean;
  readonly story: boolean;
  readonly port: number;
}

const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
});

const options = parseOptions();
if (options === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const status = await demo(options).catch((error: unknown) => {
    if (!(error instanceof LabError)) throw error;
    console.error(`demo: ${error.message}`);
    return 1;
  });
  // What somebody in a story still waits for, when it was interrupted, would keep the process for minutes.
  process.exit(status);
}

async function demo({ language, kernel, story, port }: Options): Promise<number> {
  const words = WORDS[language];
  const scene = await open(kernel, story ? 0 : port, language);
  const steps = kernel ? KERNEL_STORY : SHOP_STORY;
  try {
    return story ? await playStory(scene, steps, interrupted) : await letPeoplePlay(scene, kernel, language);
  } finally {
    console.log(`\n${words.down}`);
    await scene.close();
    console.log(words.gone);
  }
}

function open(kernel: boolean, port: number, language: 'en' | 'ja'): Promise<Scene> {
  const { hosts, troubles, bot, kernels } = WORDS[language];
  const say = (text: string) => () => console.log(text);
  if (kernel) return setKernelScene(port, { guests: say(kernels.guests), bot: say(bot) });
  return setScene(port, { hosts: say(hosts), troubles: say(troubles), bot: say(bot) });
}

/** Until Ctrl-C, or until the bot ends by itself: then it says why. */
async function letPeoplePlay({ slack, bot }: Scene, kernel: boolean, language: 'en' | 'ja'): Promise<number> {
  const words = kernel ? WORDS[language].kernels : WORDS[language];
  await slack.act('U0BOB', { kind: 'type', channel: 'C0ONCALL', text: words.callForHelp });
  const [user, channel] = [language === 'ja' ? 'U0YUKI' : 'U0ALICE', 'C0ONCALL'];
  console.log(words.ready(`${slack.url}/?as=${user}&channel=${channel}`));
  const ended = await Promise.race([interrupted.then(() => false), bot.ended.then(() => true)]);
  if (!ended) return 130;
  console.error(bot.output());
  return 1;
}

function parseOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        lang: { type: 'string' },
        kernel: { type: 'boolean' },
        story: { type: 'boolean' },
        port: { type: 'string' },
      },
    });
    const { lang = (process.env['LC_ALL'] ?? process.env['LANG'] ?? '').startsWith('ja') ? 'ja' : 'en' } = values;
    const port = Number(values.port ?? PORT);
    const valid = (lang === 'en' || lang === 'ja') && Number.isInteger(port) && port >= 0 && port <= 65_535;
    return valid ? { language: lang, kernel: values.kernel ?? false, story: values.story ?? false, port } : undefined;
  } catch {
    return undefined;
  }
}
