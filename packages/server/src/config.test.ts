import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCpmError, type CpmError } from '@cpm/core';
import { afterAll, expect, test } from 'vitest';
import { readConfig, type Config } from './config.ts';

const dir = mkdtempSync(join(tmpdir(), 'cpm-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

const read = (argv: string[] = [], env: Record<string, string> = {}) => readConfig(argv, env) as Config;
function refused(argv: string[], env: Record<string, string>): CpmError {
  try {
    readConfig(argv, env);
  } catch (error) {
    if (isCpmError(error)) return error;
  }
  throw new Error('it was not refused');
}

test('without any setting the server listens on port 443 of all addresses and keeps its data in /cpmdata', () => {
  expect(read()).toEqual({
    host: '::',
    port: 443,
    dataDir: '/cpmdata',
    databaseUrl: null,
    awsEndpointUrl: null,
    timeZone: null,
    claimSecret: null,
    logLevel: 'info',
    scriptUser: null,
    pendingSnapshots: 100,
    consoleDir: null,
  });
});

test('the command line goes before the environment', () => {
  const env = {
    CPM_PORT: '1',
    CPM_HOST: '127.0.0.1',
    CPM_DATA_DIR: '/a',
    CPM_LOG_LEVEL: 'debug',
    CPM_TIME_ZONE: 'Europe/Berlin',
    CPM_PENDING_SNAPSHOTS: '1000',
  };
  expect(read(['--port', '8443', '--data', '/b'], env)).toMatchObject({
    port: 8443,
    host: '127.0.0.1',
    dataDir: '/b',
    logLevel: 'debug',
    timeZone: 'Europe/Berlin',
    pendingSnapshots: 1000,
  });
  expect(readConfig(['--help'], {})).toBe('help');
});

test('secrets may stand in files, and what is around them there does not count', () => {
  const file = join(dir, 'secret');
  writeFileSync(file, ' a secret with blanks in it \n');
  expect(read([], { CPM_CLAIM_SECRET_FILE: file }).claimSecret).toBe('a secret with blanks in it');
  expect(refused([], { CPM_CLAIM_SECRET_FILE: file, CPM_CLAIM_SECRET: 'another long secret' }).message).toContain(
    'both set',
  );
  expect(refused([], { CPM_CLAIM_SECRET_FILE: join(dir, 'missing') }).message).toContain('CPM_CLAIM_SECRET_FILE');
});

test.each<[string, string[], Record<string, string>]>([
  ['CPM_PROT', [], { CPM_PROT: '1' }],
  ['cpm_port is written large', [], { CPM_port: '1' }],
  ['port', ['--port', '65536'], {}],
  ['port', ['--port', '-1'], {}],
  ['port', ['--port', '8443x'], {}],
  ['port', [], { CPM_PORT: '' }],
  ['the command line', ['--prot', '1'], {}],
  ['the command line', ['stray'], {}],
  ['the command line', ['--port'], {}],
  ['CPM_TIME_ZONE', [], { CPM_TIME_ZONE: 'Mars/Olympus' }],
  ['CPM_LOG_LEVEL', [], { CPM_LOG_LEVEL: 'loud' }],
  ['CPM_PENDING_SNAPSHOTS', [], { CPM_PENDING_SNAPSHOTS: '0' }],
  ['CPM_DATABASE_URL', [], { CPM_DATABASE_URL: 'mysql://u:hidden-password@h/d' }],
  ['CPM_DATABASE_URL', [], { CPM_DATABASE_URL: 'hidden-password' }],
  ['CPM_CLAIM_SECRET', [], { CPM_CLAIM_SECRET: 'hidden-password' }],
])('%s: a wrong setting is refused by name and shows no secret (%j %j)', (name, argv, env) => {
  const error = refused(argv, env);
  expect(error).toMatchObject({ code: 'bad_setting', exitCode: 2 });
  expect(error.message).toContain(name.startsWith('cpm_port') ? 'CPM_port' : name);
  expect(error.message).not.toContain('hidden-password');
});

test('variables of CPM’s other programs are no mistake', () => {
  expect(() => read([], { CPM_SERVER: 'x', CPM_TOKEN: 'x', CPM_TEST_ANYTHING: 'x', PATH: '/bin' })).not.toThrow();
});
