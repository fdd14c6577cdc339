/** The demo, as docker-compose.yml describes it at its top. */
import { afterEach, beforeAll, expect, it } from 'vitest';
import { words } from '../bot/seen.ts';
import { type ComposeProject, openProject } from './compose-project.ts';
import { openOutsideSlack } from './slack-from-outside.ts';

let project: ComposeProject;
beforeAll(async () => {
  project = await openProject('demo');
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(await project.logs());
});

it('comes up with nothing but its own containers, and answers a check with what is wrong', async () => {
  await project.up('--profile=demo', 'demo-bot');
  const slack = openOutsideSlack('http://127.0.0.1:4390');
  expect(await slack.says('/tcp check web-01')).toMatchObject({ ok: true });
  expect(words(await slack.checked('web-01'))).toContain('running out of local ports');
  expect(await Promise.all(['redis', 'bot', 'worker'].map(project.containersOf))).toEqual([[], [], []]);
});
