/** The system's Chromium, headless, for tests and screenshots; it may be root's, and speaks to loopback only. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const ALONE = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

export function openBrowser(): Promise<Browser> {
  const executablePath = PATHS.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('Chromium is missing: bin/setup installs it on Debian and Ubuntu.');
  return chromium.launch({ executablePath, args: [...QUIET, ...ALONE] });
}
