import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CHROMIUM = '/usr/bin/chromium';

/** Debian's Chromium for the browser tests: installed by apt where root may, otherwise named as what is missing. */
export async function ensureChromium(): Promise<void> {
  if (existsSync(CHROMIUM)) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error('The browser tests need Chromium at /usr/bin/chromium: apt-get install chromium fonts-liberation');
  }
  process.stderr.write('Installing Chromium for the browser tests (once)…\n');
  apt('update');
  apt('install', '--yes', '--no-install-recommends', 'chromium', 'fonts-liberation');
}

function apt(...args: readonly string[]): void {
  const result = spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=900', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.status !== 0) throw new Error(`apt-get ${args.join(' ')} failed`);
}
