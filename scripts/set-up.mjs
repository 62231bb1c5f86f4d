// The one door of every npm command: brings a fresh clone to the point where Node 24 and all packages are there, then hands over.
// Plain JavaScript without packages, because it is what runs before anything is installed, on whatever Node the machine has.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.cache', 'installed-lock');
const node = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

const entries = {
  demo: ['scripts/demo.ts'],
  test: ['scripts/test.ts'],
  'test:crash': ['tests/crash/main.ts'],
  'test:simulate': ['tests/simulate/main.ts'],
  start: ['scripts/start.ts'],
  simulator: ['packages/simulator/src/main.ts'],
  cpm: ['packages/cli/src/main.ts'],
  check: ['scripts/check.ts'],
  bench: ['scripts/bench.ts'],
};

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  process.stderr.write('Installing the packages of package-lock.json (once)…\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    process.stderr.write('The packages could not be installed; npm said why above.\n');
    process.exit(npm.status ?? 1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

function run(entry, args) {
  // The child alone decides when everything has ended: we pass each signal on and wait. From a terminal it has the signal
  // already, and takes the second one for the echo that it is.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const runtime = existsSync(node) ? node : process.execPath;
  // Compiled sources are kept, so that the second start of a command takes half the time of the first.
  const env = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile'), ...process.env };
  const child = spawn(runtime, ['--enable-source-maps', ...entry, ...args], {
    cwd: process.env.INIT_CWD ?? root,
    stdio: 'inherit',
    env,
  });
  child.on('error', (error) => {
    process.stderr.write(`Node could not be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

const [command, ...args] = process.argv.slice(2);
const entry = entries[command];
if (entry === undefined) {
  process.stderr.write(`Unknown command "${command ?? ''}". Known: ${Object.keys(entries).join(', ')}.\n`);
  process.exit(2);
}
install();
run(
  entry.map((file) => join(root, file)),
  args,
);
