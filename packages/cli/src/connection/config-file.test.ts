import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configPath, readLogin, removeLogin, writeLogin, type StoredLogin } from './config-file.ts';

const login: StoredLogin = {
  server: 'https://backup.example.com:8443',
  trust: { kind: 'certificate', sha256: 'AB:CD' },
  token: 'cpm_secret',
  tokenId: '00000000-0000-4000-8000-000000000001',
  user: 'root',
};
let directory: string;
let env: Record<string, string>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cpm-login-'));
  env = { XDG_CONFIG_HOME: join(directory, 'config') };
});
afterEach(() => rm(directory, { recursive: true }));

describe('the stored login', () => {
  it('is readable by its user alone, in a directory of its user alone', async () => {
    const path = await writeLogin(env, login);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    expect(await readLogin(env)).toEqual(login);
  });

  it('stays private when it replaces an older one, and leaves no draft behind', async () => {
    const path = await writeLogin(env, login);
    await chmod(path, 0o644);
    await writeLogin(env, { ...login, user: 'other' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(path))).toEqual(['login.json']);
  });

  it('is refused when others may read it', async () => {
    await chmod(await writeLogin(env, login), 0o640);
    await expect(readLogin(env)).rejects.toMatchObject({ code: 'bad_setting', exitCode: 2 });
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"server":"https://x"}',
    '{"server":1,"token":"t","user":"u","trust":{"kind":"public"}}',
  ])('is refused when it is damaged: %s', async (text) => {
    const path = await writeLogin(env, login);
    await writeFile(path, text);
    await expect(readLogin(env)).rejects.toMatchObject({ code: 'bad_setting' });
  });

  it('is refused when it asks for no known proof of the server', async () => {
    const path = await writeLogin(env, login);
    await writeFile(path, (await readFile(path, 'utf8')).replace('"certificate"', '"none"'));
    await expect(readLogin(env)).rejects.toMatchObject({ code: 'bad_setting' });
  });

  it('is nothing before a login and after a logout', async () => {
    expect(await readLogin(env)).toBeNull();
    await writeLogin(env, login);
    await removeLogin(env);
    await removeLogin(env);
    expect(await readLogin(env)).toBeNull();
  });

  it('lives below XDG_CONFIG_HOME where that is an absolute path, else below ~/.config', () => {
    expect(configPath({ XDG_CONFIG_HOME: '/c', HOME: '/h' })).toBe('/c/cpm/login.json');
    expect(configPath({ XDG_CONFIG_HOME: 'relative', HOME: '/h' })).toBe('/h/.config/cpm/login.json');
    expect(configPath({ HOME: '/h' })).toBe('/h/.config/cpm/login.json');
  });
});
