/** Figures of kernel builds: what the runner costs, and how well a build is watched: a card that keeps up, a lost connection, the audit trail. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { TRAIL } from '#store/audit-trail.ts';
import { changeCards } from '../bot/change-people.ts';
import { type KernelScene, setKernelScene } from '../demo/kernel-scene.ts';
import { KERNEL_STORY } from '../demo/kernel-story.ts';
import { playStory, press } from '../demo/story.ts';
import type { Figure } from './figure.ts';
import { kernelRunner } from './kernel-runner.ts';

const STALE_MS = 20_000;
const BACK_MS = 10_000;
const MOST_RECORDS = 30;
const LOOK_EVERY_MS = 50;

export async function kernel(): Promise<readonly Figure[]> {
  const scene = await setKernelScene(0, { guests: () => {}, bot: () => {} });
  try {
    const config = await readFile(join(scene.kernels, 'config'), 'utf8');
    return [...(await watchedBuild(scene)), ...(await kernelRunner(config))];
  } finally {
    await scene.close();
  }
}

async function watchedBuild(scene: KernelScene): Promise<readonly Figure[]> {
  const { slack } = scene;
  const asks = KERNEL_STORY.findIndex(({ does }) => does.includes('/tcp kernel build')) + 1;
  const status = await playStory(scene, KERNEL_STORY.slice(0, asks), new Promise(() => {}), () => {});
  if (status !== 0) throw new Error('The build was not asked for.');
  await slack.act('U0BOB', press(changeCards(slack.snapshot()).at(-1), 'change:approve'));
  const { oldest, back, edits } = await watch(scene);
  const records = await countRecords(scene);
  return [
    figure('the oldest progress that the card showed while a kernel was compiled', oldest, STALE_MS, `${edits} edits`),
    figure('from a lost connection to the build host to the next login there', back, BACK_MS, 'one connection cut'),
    {
      what: `records of the audit trail from the request to a kernel that is built, to ${MOST_RECORDS}`,
      ratio: records / MOST_RECORDS,
      limit: 1,
      made: `${records}`,
    },
  ];
}

function figure(what: string, ms: number, limitMs: number, made: string): Figure {
  const seconds = (ms / 1000).toFixed(1);
  return { what: `${what}, to ${limitMs / 1000} s`, ratio: ms / limitMs, limit: 1, made: `${seconds} s; ${made}` };
}

/** From the compiler's first line on the card to the end of the build. */
async function watch({ slack, builder }: KernelScene) {
  const card = () => changeCards(slack.snapshot()).at(-1);
  const text = () => JSON.stringify(card()?.blocks);
  await slack.until(() => text().includes('compiling'), 900_000);
  let [shown, at, oldest, edits] = [text(), performance.now(), 0, 0];
  const before = builder.logins();
  const cut = performance.now();
  await builder.cutConnections();
  let back = Number.NaN;
  while (!card()?.text.includes('installation waiting')) {
    if (card()?.text.includes('failed')) throw new Error(`The build failed: ${text()}`);
    await sleep(LOOK_EVERY_MS);
    const now = performance.now();
    if (Number.isNaN(back) && builder.logins() > before) back = now - cut;
    oldest = Math.max(oldest, now - at);
    if (text() !== shown) [shown, at, edits] = [text(), now, edits + 1];
  }
  return { oldest, back, edits };
}

async function countRecords({ bot }: KernelScene): Promise<number> {
  const redis = new Redis({ path: `${bot.stateDir}/redis/redis.sock` });
  try {
    return await redis.xlen(TRAIL);
  } finally {
    redis.disconnect();
  }
}
