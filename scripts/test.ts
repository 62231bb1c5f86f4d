import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole } from './build-console.ts';
import { buildServer } from './build-server.ts';
import { ensureChromium } from './ensure-chromium.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

/** Runs a program in our terminal; answers its exit code. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

type VitestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly success: boolean;
};
type PlaywrightReport = {
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
    readonly skipped: number;
  };
};

/** A suite that ended badly without a failed test (a crash, a file that does not load) counts as one failure. */
function counted(counts: Counts, exitCode: number): Counts {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function runVitest(folder: string, filters: readonly string[]): Promise<Counts> {
  const file = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const exitCode = await run(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...filters]);
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
  return counted({ passed, failed, skipped }, exitCode);
}

async function runBrowser(folder: string): Promise<Counts> {
  const file = join(folder, 'playwright.json');
  const args = [
    'node_modules/@playwright/test/cli.js',
    'test',
    '--config',
    'tests/console/playwright.config.ts',
    '--reporter=list,json',
  ];
  const exitCode = await run(args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const { stats } = JSON.parse(readFileSync(file, 'utf8')) as PlaywrightReport;
  return counted({ passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }, exitCode);
}

/** All tests, the browser's included; ends with the counts of both. Arguments choose files of the first suite only. */
async function main(filters: readonly string[]): Promise<void> {
  buildConsole();
  buildServer();
  const folder = mkdtempSync(join(tmpdir(), 'cpm-test-'));
  try {
    const suites = [await runVitest(folder, filters)];
    if (filters.length === 0) {
      await ensureChromium();
      suites.push(await runBrowser(folder));
    }
    const sum = (part: keyof Counts) => suites.reduce((total, counts) => total + counts[part], 0);
    const skipped = sum('skipped') === 0 ? '' : `, ${sum('skipped')} skipped`;
    process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}\n`);
    process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
