import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSelfSigned } from '../../test-setup/self-signed.ts';
import type { Io } from '../surroundings.ts';
import { writeLogin } from './config-file.ts';
import { parseServer, readSettings } from './settings.ts';

const sha256 = Array.from({ length: 32 }, () => 'AB').join(':');
const stored = {
  server: 'https://backup.example.com:8443',
  trust: { kind: 'certificate', sha256 },
  token: 'stored-token',
  tokenId: null,
  user: 'root',
} as const;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cpm-settings-'));
});
afterEach(() => rm(directory, { recursive: true }));

function ioWith(env: Record<string, string>): Io {
  const { stdin, stdout, stderr } = process;
  return { stdin, stdout, stderr, env: { XDG_CONFIG_HOME: directory, ...env }, signal: new AbortController().signal };
}

describe('the settings of a command', () => {
  it('are those of the stored login', async () => {
    await writeLogin({ XDG_CONFIG_HOME: directory }, stored);
    const settings = await readSettings(ioWith({}), undefined);
    expect(settings).toEqual({ server: new URL(stored.server), trust: stored.trust, token: 'stored-token' });
  });

  it('are overruled by the environment', async () => {
    await writeLogin({ XDG_CONFIG_HOME: directory }, stored);
    const env = { CPM_TOKEN: 'given', CPM_FINGERPRINT: 'cd'.repeat(32) };
    expect(await readSettings(ioWith(env), undefined)).toMatchObject({
      token: 'given',
      trust: { kind: 'certificate', sha256: sha256.replaceAll('AB', 'CD') },
    });
  });

  it('never take the stored token or certificate to another server', async () => {
    await writeLogin({ XDG_CONFIG_HOME: directory }, stored);
    const elsewhere = 'https://backup.example.com:9443';
    await expect(readSettings(ioWith({}), elsewhere)).rejects.toMatchObject({ code: 'not_signed_in', exitCode: 3 });
    await expect(readSettings(ioWith({ CPM_SERVER: elsewhere }), undefined)).rejects.toMatchObject({ exitCode: 3 });
    const settings = await readSettings(ioWith({ CPM_SERVER: elsewhere, CPM_TOKEN: 'given' }), undefined);
    expect(settings).toMatchObject({ token: 'given', trust: { kind: 'public' } });
  });

  it('can name an authority in a file', async () => {
    const { cert } = makeSelfSigned();
    const file = join(directory, 'ca.pem');
    await writeFile(file, cert);
    const env = { CPM_SERVER: 'https://h', CPM_TOKEN: 't', CPM_CA: file };
    expect((await readSettings(ioWith(env), undefined)).trust).toEqual({ kind: 'authority', pem: cert });
  });

  it.each([
    [{ CPM_CA: 'no-such-file.pem' }, 'bad_setting'],
    [{ CPM_FINGERPRINT: 'abc' }, 'invalid_request'],
  ])('are refused when the proof of the server is unusable: %j', async (proof, code) => {
    const env = { CPM_SERVER: 'https://h', CPM_TOKEN: 't', ...proof };
    await expect(readSettings(ioWith(env), undefined)).rejects.toMatchObject({ code, exitCode: 2 });
  });

  it('are missing before the first login, and the hint says what to type', async () => {
    await expect(readSettings(ioWith({}), undefined)).rejects.toMatchObject({
      code: 'not_signed_in',
      hint: expect.stringContaining('cpm login --server'),
    });
  });
});

describe('the address of a server', () => {
  it.each([
    ['https://h:8443', 'https://h:8443'],
    ['https://h:8443/', 'https://h:8443'],
    ['h:8443', 'https://h:8443'],
    ['h', 'https://h'],
    ['https://[::1]:8443', 'https://[::1]:8443'],
    ['HTTPS://Backup.Example.com:443', 'https://backup.example.com'],
  ])('%s is %s', (text, origin) => {
    expect(parseServer(text).origin).toBe(origin);
  });

  it.each(['http://h', 'ftp://h', 'https://', 'https://u:p@h', 'https://h/path', 'https://h?x=1', 'h:99999', ''])(
    '"%s" is refused',
    (text) => {
      expect(() => parseServer(text)).toThrowError(expect.objectContaining({ code: 'bad_setting' }) as Error);
    },
  );
});
