import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT_CODES } from '@cpm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCpm } from '../test-setup/run-cpm.ts';
import { longFlagOf } from './command.ts';
import { commands, nouns } from './commands.ts';
import { VERSION } from './version.ts';

let home: string;
let env: Record<string, string>;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cpm-program-'));
  // Many processes run the same code: each but the first finds it compiled.
  env = { HOME: home, NODE_COMPILE_CACHE: join(home, 'compiled') };
});
afterAll(() => rm(home, { recursive: true }));

const GLOBAL_FLAGS = ['--server', '--output', '--quiet', '--yes', '--help'];

describe('every command', () => {
  it.each(commands)('$path is explained by examples that use its own words and options', async ({ path, load }) => {
    const { command } = await load();
    const known = new Set([...Object.values(command.options).map(longFlagOf), ...GLOBAL_FLAGS]);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) {
      expect(example.startsWith(`cpm ${path}`)).toBe(true);
      const flags = example.match(/(?<=\s)--[a-z-]+/g) ?? [];
      expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
    }
  });

  it.each(commands)('$path takes no secret as an argument', async ({ load }) => {
    const { command } = await load();
    const taking = Object.values(command.options).filter(({ flags }) => flags.includes('<'));
    expect(taking.map(longFlagOf).filter((flag) => /secret|password|^--token$/.test(flag))).toEqual([]);
  });

  it('belongs to a noun that is explained', () => {
    const used = new Set(commands.filter(({ path }) => path.includes(' ')).map(({ path }) => path.split(' ')[0]));
    expect(used).toEqual(new Set(Object.keys(nouns)));
  });
});

describe('help', () => {
  it('lists every noun and every command that stands alone', async () => {
    const { stdout, exitCode } = await runCpm(['--help'], { env });
    expect(exitCode).toBe(0);
    const standing = commands.filter(({ path }) => !path.includes(' ')).map(({ path }) => path);
    for (const word of [...Object.keys(nouns), ...standing]) expect(stdout).toMatch(new RegExp(`^  ${word} `, 'm'));
  });

  it('loads neither schemas nor prompts nor the rules of core', async () => {
    const hook = `import{registerHooks}from'node:module';registerHooks({load(u,c,n){process.stderr.write(u+'\\n');return n(u,c)}})`;
    const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
    const { stderr } = await runCpm(['--help'], { env, nodeOptions });
    expect(stderr).toMatch(/commander/);
    expect(stderr).not.toMatch(/zod|clack|packages\/core|packages\/contract|temporal/);
  });

  it.each([
    [['policy', 'run', '--help'], '--wait'],
    [['help', 'policy', 'run'], '--wait'],
    [['help', 'policy'], 'add-target'],
    [['policy', '--help'], 'add-target'],
  ])('of %j tells of %s and examples', async (args, word) => {
    const { stdout, exitCode } = await runCpm(args, { env });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(word);
  });

  it('tells of every exit code', async () => {
    const { stdout } = await runCpm(['help', 'exit-codes'], { env });
    for (const code of Object.values(EXIT_CODES)) expect(stdout).toMatch(new RegExp(`^  ${code}  +\\S`, 'm'));
  });

  it('tells of the environment', async () => {
    const { stdout } = await runCpm(['help', 'environment'], { env });
    for (const name of ['CPM_SERVER', 'CPM_TOKEN', 'CPM_CA', 'CPM_FINGERPRINT', 'CPM_PASSWORD']) {
      expect(stdout).toContain(name);
    }
  });

  it('tells the version of the package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(VERSION).toBe(version);
    expect((await runCpm(['--version'], { env })).stdout).toBe(`${version}\n`);
  });
});

describe('wrong usage', () => {
  it.each([
    [['polcy'], /unknown command 'polcy'[^]*Did you mean policy/],
    [['policy', 'rnu'], /unknown command 'rnu'/],
    [['help', 'nothing'], /unknown command 'nothing'/],
    [['policy', 'run'], /missing required argument 'policy'/],
    [['policy', 'run', 'a', 'b'], /too many arguments/],
    [['policy', 'run', 'web', '--wiat'], /unknown option '--wiat'[^]*--wait/],
    [['account', 'add', 'x'], /required option '--access-key-id <id>' not specified/],
    [['account', 'list', '--limit', '0'], /--limit: "0" is no whole number/],
    [['account', 'list', '--output', 'xml'], /Allowed choices are table, json/],
    [['backup', 'show', 'newest'], /"newest" is neither the id of a backup nor the word latest/],
    [['recover', 'volume', 'latest'], /--volume: name at least one volume/],
    [['whoami', '--server', 'http://h'], /CPM speaks https only/],
  ])('%j ends with 2 and says what is wrong', async (args, words) => {
    const { exitCode, stdout, stderr } = await runCpm(args, {
      env: { ...env, CPM_TOKEN: 't', CPM_SERVER: 'https://127.0.0.1:1' },
    });
    expect(stderr).toMatch(words);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  it('without a command shows the help on standard error and ends with 2', async () => {
    const { exitCode, stdout, stderr } = await runCpm([], { env });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: cpm');
  });

  it('is one problem document with --output json', async () => {
    const { exitCode, stderr } = await runCpm(['policy', 'run', '--output', 'json'], { env });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'invalid_request', detail: "missing required argument 'policy'" });
  });
});

describe('without a server', () => {
  it('a command ends with 3 before any login', async () => {
    const { exitCode, stderr } = await runCpm(['policy', 'list'], { env });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('hint: Run: cpm login');
  });

  it('a command ends with 8 when nobody listens at the address', async () => {
    const { exitCode, stderr } = await runCpm(['policy', 'list', '--output', 'json'], {
      env: { ...env, CPM_SERVER: 'https://127.0.0.1:1', CPM_TOKEN: 't' },
    });
    expect(exitCode).toBe(8);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'server_unreachable' });
  });

  it('logout has nothing to end', async () => {
    expect(await runCpm(['logout'], { env })).toEqual({ exitCode: 0, stdout: '', stderr: 'Nobody was signed in.\n' });
  });

  it('a secret key is refused where nobody can be asked, and the ways to give it are named', async () => {
    const { exitCode, stderr } = await runCpm(['account', 'add', 'x', '--access-key-id', 'AKIAIOSFODNN7EXAMPLE'], {
      env,
    });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/CPM_AWS_SECRET_ACCESS_KEY, or --secret-key-stdin/);
  });
});
