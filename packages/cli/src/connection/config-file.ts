import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { cpmError } from '@cpm/core';
import type { Trust } from './trust.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What `cpm login` leaves behind: where the server is, how it proves itself, and a token; never a password. */
export type StoredLogin = {
  readonly server: string;
  readonly trust: Trust;
  readonly token: string;
  /** The token's own id where `cpm login` made it, so that `cpm logout` can end it. */
  readonly tokenId: string | null;
  readonly user: string;
};

/** Where the login is stored: `$XDG_CONFIG_HOME/cpm/login.json`, else `~/.config/cpm/login.json`. */
export function configPath(env: Environment): string {
  const base = env['XDG_CONFIG_HOME'];
  const home = env['HOME'] ?? homedir();
  // The XDG Base Directory Specification has relative paths ignored.
  return join(base !== undefined && isAbsolute(base) ? base : join(home, '.config'), 'cpm', 'login.json');
}

/** The stored login, or null; throws `bad_setting` when the file is damaged or others may read it. */
export async function readLogin(env: Environment): Promise<StoredLogin | null> {
  const path = configPath(env);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw cpmError('bad_setting', { params: { name: path, why: `it cannot be read (${error.code ?? ''})` } });
  });
  if (text === null) return null;
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw cpmError('bad_setting', {
      params: { name: path, why: 'others may read it; make it yours alone (chmod 600)' },
    });
  }
  const login = parseLogin(text);
  if (login === null) throw cpmError('bad_setting', { params: { name: path, why: 'it is damaged; log in again' } });
  return login;
}

/** Stores the login for this user alone (file 0600, directory 0700), whole or not at all. */
export async function writeLogin(env: Environment, login: StoredLogin): Promise<string> {
  const path = configPath(env);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(draft, 0o600);
  await rename(draft, path);
  return path;
}

/** Forgets the login; no error when there is none. */
export async function removeLogin(env: Environment): Promise<void> {
  await rm(configPath(env), { force: true });
}

function parseLogin(text: string): StoredLogin | null {
  try {
    const { server, trust, token, tokenId, user } = JSON.parse(text) as Record<string, unknown>;
    const isComplete = [server, token, user].every((part) => typeof part === 'string') && isTrust(trust);
    if (!isComplete) return null;
    return { server, trust, token, tokenId: typeof tokenId === 'string' ? tokenId : null, user } as StoredLogin;
  } catch {
    return null;
  }
}

function isTrust(value: unknown): value is Trust {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, pem, sha256 } = value as Record<string, unknown>;
  if (kind === 'authority') return typeof pem === 'string';
  return kind === 'public' || (kind === 'certificate' && typeof sha256 === 'string');
}
