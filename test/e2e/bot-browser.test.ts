/** What a person sees: types the command in the local Slack's page, watches the card, opens the thread. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFault } from '#lab/fault-catalogue.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import { openBrowser } from '../bot/browser.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { type ServeProcess, startServe } from '../bot/serve-process.ts';

const WITHIN = { timeout: 60_000 };

let lab: Lab;
let slack: LocalSlack;
let bot: ServeProcess;
let browser: Browser;

beforeAll(async () => {
  [lab, slack] = await Promise.all([openLab({ name: 'botpage', hosts: 2 }), startLocalSlack()]);
  browser = await openBrowser();
  bot = await startServe({ hosts: lab.paths.config, env: slackEnvironment(slack) });
  // Last, since its ports are free again after a minute.
  await lab.provoke(await findFault('ephemeral-port-exhaustion-per-destination'), 'web-01');
});
afterAll(async () => {
  await Promise.all([browser.close(), bot.stop()]);
  await Promise.all([slack.stop(), lab.close()]);
});

async function openAs(user: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${slack.url}/?as=${user}&channel=C0ONCALL`);
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  const composer = page.locator('[data-composer="channel"]');
  await composer.fill(text);
  await composer.press('Enter');
}

describe('in the browser', () => {
  it('a check becomes a verdict on the card, with the details in the thread', async () => {
    const page = await openAs('U0ALICE');
    await say(page, '/tcp check web-01 for 2s');
    const card = page.locator('[data-message-ts]', { hasText: 'web-01' }).last();
    await card.locator('[data-action-id="cancel-check"]').waitFor(WITHIN);
    await card.locator('[data-action-id="check-again"]').waitFor(WITHIN);
    expect(await card.textContent()).toMatch(/1 critical[\s\S]*200 of 200 local ports/);
    await card.locator('[data-thread-open]').click();
    const thread = page.locator('[data-thread]').last();
    await thread.getByText('alice').first().waitFor(WITHIN);
    expect(await thread.textContent()).toMatch(/TIME_WAIT[\s\S]*tcp_tw_reuse/);
    await page.close();
  });

  it('a Japanese reader is answered in Japanese', async () => {
    const page = await openAs('U0YUKI');
    await say(page, '/tcp check web-01 for 1s');
    const card = page.locator('[data-message-ts]', { hasText: 'web-01' }).last();
    await card.getByText('ローカルポート').first().waitFor(WITHIN);
    await card.locator('[data-action-id="check-again"]').waitFor(WITHIN);
    await page.close();
  });

  it('a name that is nearly right is offered as a button, and the button checks it', async () => {
    const page = await openAs('U0BOB');
    await say(page, '/tcp check bd-01');
    await page.locator('[data-action-id="offer:0"]').last().click();
    await page
      .locator('[data-message-ts]', { hasText: 'db-01' })
      .locator('[data-action-id="check-again"]')
      .waitFor(WITHIN);
    expect(await page.locator('[data-action-id="offer:0"]').count()).toBe(0);
    await page.close();
  });
});
