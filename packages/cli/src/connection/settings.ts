import { readFile } from 'node:fs/promises';
import { cpmError } from '@cpm/core';
import { wrongInput } from '../command.ts';
import type { Io } from '../surroundings.ts';
import { specificError } from '../terminal/report-error.ts';
import { readLogin, type StoredLogin } from './config-file.ts';
import { parseFingerprint, type Trust } from './trust.ts';

/** Reads the address of a server, with or without `https://`; the result is its origin. Throws `bad_setting`. */
export function parseServer(text: string): URL {
  const refuse = (why: string) => cpmError('bad_setting', { params: { name: `server ${text}`, why } });
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) throw refuse('it is no address such as https://backup.example.com:8443');
  const url = new URL(address);
  if (url.protocol !== 'https:') throw refuse('CPM speaks https only');
  if (url.username !== '' || url.password !== '') throw refuse('it must not hold a user name or a password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw refuse('nothing may follow the port');
  return new URL(url.origin);
}

/** What the environment or options say about the server's certificate; null when they say nothing. */
export async function givenTrust(given: {
  readonly fingerprint?: string | undefined;
  readonly authorityFile?: string | undefined;
  readonly names: readonly [fingerprint: string, authority: string];
}): Promise<Trust | null> {
  const { fingerprint, authorityFile, names } = given;
  if (fingerprint) return { kind: 'certificate', sha256: parseFingerprint(fingerprint, names[0]) };
  if (!authorityFile) return null;
  const pem = await readFile(authorityFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw cpmError('bad_setting', { params: { name: names[1], why: `the file cannot be read (${error.code ?? ''})` } });
  });
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw cpmError('bad_setting', { params: { name: names[1], why: 'the file holds no certificate in PEM form' } });
  }
  return { kind: 'authority', pem };
}

/** The same from CPM_FINGERPRINT and CPM_CA. */
export function environmentTrust(env: Io['env']): Promise<Trust | null> {
  return givenTrust({
    fingerprint: env['CPM_FINGERPRINT'],
    authorityFile: env['CPM_CA'],
    names: ['CPM_FINGERPRINT', 'CPM_CA'],
  });
}

export type Settings = { readonly server: URL; readonly trust: Trust; readonly token: string };

/**
 * Which server, trust and token apply: option and environment before the stored login. A stored token and a stored
 * certificate are used for the server that they belong to and for no other. Throws `not_signed_in`.
 */
export async function readSettings(io: Io, serverOption: string | undefined): Promise<Settings> {
  const stored = await readLogin(io.env);
  const address = serverOption ?? (io.env['CPM_SERVER'] || undefined) ?? stored?.server;
  if (address === undefined) {
    throw specificError(
      'not_signed_in',
      'No CPM server is known here.',
      'Run: cpm login --server https://HOST:PORT --user NAME',
    );
  }
  const server = parseServer(address);
  const login = loginOf(stored, server);
  const token = io.env['CPM_TOKEN'] || login?.token;
  if (!token) {
    throw specificError(
      'not_signed_in',
      `You are not signed in to ${server.origin}.`,
      `Run: cpm login --server ${server.origin} --user NAME, or set CPM_TOKEN`,
    );
  }
  return { server, token, trust: (await environmentTrust(io.env)) ?? login?.trust ?? { kind: 'public' } };
}

/** The server that a login is for: from option or environment, else the one that was logged in to before. */
export async function chooseServer(io: Io, serverOption: string | undefined): Promise<URL> {
  const address =
    serverOption ?? (io.env['CPM_SERVER'] || undefined) ?? (await readLogin(io.env).catch(() => null))?.server;
  if (address === undefined) throw wrongInput('--server', 'name the server, such as https://backup.example.com:8443');
  return parseServer(address);
}

/** The stored login if it is one for that server. */
export function loginOf(stored: StoredLogin | null, server: URL): StoredLogin | null {
  return stored !== null && stored.server === server.origin ? stored : null;
}
