import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each check by name: what is run, all in the repository's root. `--write` brings the generated documents up to date first. */
const checks: Readonly<Record<string, readonly string[]>> = {
  types: ['node_modules/typescript/bin/tsc', '-b'],
  format: ['node_modules/oxfmt/bin/oxfmt', '--check', 'packages', 'scripts', 'tests'],
  'lint and import rules': ['node_modules/oxlint/bin/oxlint', '--type-aware', 'packages', 'scripts', 'tests'],
  'dead code': ['node_modules/knip/bin/knip.js'],
  'documents agree with the code': [
    'scripts/check-documents.ts',
    ...process.argv.slice(2).filter((option) => option === '--write'),
  ],
};

type Result = { readonly name: string; readonly ok: boolean; readonly output: string; readonly seconds: number };

function runCheck(name: string, args: readonly string[]): Promise<Result> {
  const start = process.hrtime.bigint();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.stderr.on('data', (part: Buffer) => parts.push(part));
    child.on('close', (code) => {
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      resolve({ name, ok: code === 0, output: Buffer.concat(parts).toString('utf8'), seconds });
    });
  });
}

const failed: string[] = [];
for (const [name, args] of Object.entries(checks)) {
  const { ok, output, seconds } = await runCheck(name, args);
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${seconds.toFixed(1)} s)\n`);
  if (!ok) {
    failed.push(name);
    process.stdout.write(`${output}\n`);
  }
}
if (failed.length > 0) {
  process.stdout.write(`\nCheck failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
