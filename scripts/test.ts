import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { buildConsole } from './build-console.ts';
import { buildServer } from './build-server.ts';
import { ensureChromium } from './ensure-chromium.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a suite came to; `failures` names what failed, a line each, with the first line of its reason. */
type Outcome = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
};

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
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
};

type PlaywrightSuite = {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs?: readonly {
    readonly file: string;
    readonly title: string;
    readonly ok: boolean;
    readonly tests: readonly {
      readonly projectName: string;
      readonly results: readonly { readonly error?: { readonly message?: string } }[];
    }[];
  }[];
};
type PlaywrightReport = PlaywrightSuite & {
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
    readonly skipped: number;
  };
};

const noReport: Outcome = { passed: 0, failed: 1, skipped: 0, failures: ['a suite ended without a report'] };

function failure(file: string, test: string, reason: string | undefined): string {
  const firstLine = stripVTControlCharacters(reason ?? '')
    .split('\n')
    .find((line) => line.trim() !== '');
  return `${relative(root, resolve(root, file))}: ${test}: ${firstLine?.trim() ?? 'no reason given'}`;
}

/** What failed without being a test (a file that does not load, a crash of the suite) counts as a failure each. */
function judged(outcome: Outcome, exitCode: number): Outcome {
  if (exitCode === 0) return outcome;
  const failures = outcome.failures.length > 0 ? outcome.failures : [`a suite ended with exit code ${exitCode}`];
  return { ...outcome, failed: Math.max(outcome.failed, failures.length), failures };
}

async function runVitest(folder: string, filters: readonly string[]): Promise<Outcome> {
  const file = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const exitCode = await run(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...filters]);
  if (!existsSync(file)) return noReport;
  const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed');
    const whole = status === 'failed' && tests.length === 0 ? [failure(name, 'the file', message)] : [];
    return [...whole, ...tests.map((test) => failure(name, test.fullName, test.failureMessages?.[0]))];
  });
  return judged({ passed, failed, skipped, failures }, exitCode);
}

function browserFailures(suite: PlaywrightSuite): readonly string[] {
  const own = (suite.specs ?? []).filter(({ ok }) => !ok);
  return [
    ...own.map(({ file, title, tests }) => {
      const reason = tests.flatMap(({ results }) => results).find(({ error }) => error !== undefined)?.error?.message;
      return failure(join('tests/console', file), `${tests[0]?.projectName ?? ''} ${title}`.trim(), reason);
    }),
    ...(suite.suites ?? []).flatMap(browserFailures),
  ];
}

async function runBrowser(folder: string): Promise<Outcome> {
  const file = join(folder, 'playwright.json');
  const args = [
    'node_modules/@playwright/test/cli.js',
    'test',
    '--config',
    'tests/console/playwright.config.ts',
    '--reporter=list,json',
  ];
  const exitCode = await run(args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  if (!existsSync(file)) return noReport;
  const report = JSON.parse(readFileSync(file, 'utf8')) as PlaywrightReport;
  const { expected, unexpected, flaky, skipped } = report.stats;
  const outcome = { passed: expected, failed: unexpected + flaky, skipped, failures: browserFailures(report) };
  return judged(outcome, exitCode);
}

/** All tests, the browser's included; ends with what failed, each by name, and the counts of both. Arguments choose files of the first suite only. */
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
    const sum = (part: 'passed' | 'failed' | 'skipped') => suites.reduce((total, suite) => total + suite[part], 0);
    const failures = suites.flatMap((suite) => suite.failures);
    if (failures.length > 0) process.stdout.write(`\n${failures.map((line) => `FAILED ${line}`).join('\n')}\n`);
    const skipped = sum('skipped') === 0 ? '' : `, ${sum('skipped')} skipped`;
    process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}\n`);
    process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
