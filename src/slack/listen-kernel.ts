/** The button and the form that ask for a kernel. */
import type { App } from '@slack/bolt';
import { parseCheckId } from '#domain/check.ts';
import { KERNEL_MODAL } from '#render/slack/kernel-modal.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { askInForm, openKernelForm } from './ask-kernel.ts';
import { listenForPresses, threadOf } from './presses.ts';
import { listenForSubmissions } from './submissions.ts';
import type { Desk } from './tools.ts';

export function listenForKernel(app: App, desk: Desk): void {
  const on = listenForPresses(app, desk);
  const onSubmit = listenForSubmissions(app, desk);

  on('kernel:open', async (value, pressed, asked) => {
    const id = parseCheckId(value);
    const run = id && (await desk.store.runs.find(id));
    if (run === undefined) return asked.refuse('unknown-run');
    const typed = { host: run.host, builder: null, seconds: null, config: 'running', reason: '' } as const;
    const problem = await openKernelForm(typed, pressed.trigger_id, threadOf(pressed), asked, desk);
    if (problem !== undefined) await asked.reply(sentenceMessage(problem.sentence));
  });

  onSubmit(KERNEL_MODAL, (opened, values, asked) => askInForm(opened, values, asked, desk));
}
