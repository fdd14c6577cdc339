/** The system's Chromium, headless, for tests and screenshots; it may be root's, and speaks to loopback only. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import { must } from '#lab/command.ts';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const ALONE = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function openBrowser(): Promise<Browser> {
  await untilAddressesStay();
  const executablePath = PATHS.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('Chromium is missing: bin/setup installs it on Debian and Ubuntu.');
  return chromium.launch({ executablePath, args: [...QUIET, ...ALONE] });
}

/**
 * A lab's interface has its IPv6 address for good a second after it came up, and Chromium gives up what it loads whenever
 * an address of the machine changes.
 */
async function untilAddressesStay(): Promise<void> {
  while ((await must(['ip', '-6', 'address', 'show', 'tentative'])).trim() !== '') await sleep(50);
}
