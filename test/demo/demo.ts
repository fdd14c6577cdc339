/** `npm run demo`: broken hosts, a Slack to type in, and the bot, all on this machine. `--story` plays it without a browser. */
import { parseArgs } from 'node:util';
import { LabError } from '#lab/lab-error.ts';
import { type Scene, setScene } from './scene.ts';
import { playStory } from './story.ts';
import { WORDS } from './words.ts';

const PORT = 4390;
const USAGE = 'demo: usage: npm run demo [-- [--story] [--lang en|ja] [--port N]]';

interface Options {
  readonly language: 'en' | 'ja';
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
  process.exitCode = await demo(options).catch((error: unknown) => {
    if (!(error instanceof LabError)) throw error;
    console.error(`demo: ${error.message}`);
    return 1;
  });
}

async function demo({ language, story, port }: Options): Promise<number> {
  const words = WORDS[language];
  const scene = await setScene(story ? 0 : port, {
    hosts: () => console.log(words.hosts),
    troubles: () => console.log(words.troubles),
    bot: () => console.log(words.bot),
  });
  try {
    return story ? await playStory(scene, interrupted) : await letPeoplePlay(scene, language);
  } finally {
    console.log(`\n${words.down}`);
    await scene.close();
    console.log(words.gone);
  }
}

/** Until Ctrl-C, or until the bot ends by itself: then it says why. */
async function letPeoplePlay({ slack, bot }: Scene, language: 'en' | 'ja'): Promise<number> {
  await slack.act('U0BOB', { kind: 'type', channel: 'C0ONCALL', text: WORDS[language].callForHelp });
  const [user, channel] = [language === 'ja' ? 'U0YUKI' : 'U0ALICE', 'C0ONCALL'];
  console.log(WORDS[language].ready(`${slack.url}/?as=${user}&channel=${channel}`));
  const ended = await Promise.race([interrupted.then(() => false), bot.ended.then(() => true)]);
  if (!ended) return 130;
  console.error(bot.output());
  return 1;
}

function parseOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: { lang: { type: 'string' }, story: { type: 'boolean' }, port: { type: 'string' } },
    });
    const { lang = (process.env['LC_ALL'] ?? process.env['LANG'] ?? '').startsWith('ja') ? 'ja' : 'en' } = values;
    const port = Number(values.port ?? PORT);
    const valid = (lang === 'en' || lang === 'ja') && Number.isInteger(port) && port >= 0 && port <= 65_535;
    return valid ? { language: lang, story: values.story ?? false, port } : undefined;
  } catch {
    return undefined;
  }
}
