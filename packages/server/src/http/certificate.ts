import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Instant } from '@cpm/core';
import { generate } from 'selfsigned';

const LIFE_YEARS = 10;

/** The certificate and key that the server shows, PEM; `fingerprint` is what a person or an agent compares. */
export type ServerCertificate = { readonly key: string; readonly cert: string; readonly fingerprint: string };

/** Reads the installation's certificate from `<data>/tls`, or makes one of its own at the first start (SRV-2). */
export async function loadCertificate(dataDir: string, now: Instant): Promise<ServerCertificate> {
  const folder = join(dataDir, 'tls');
  const files = { key: join(folder, 'server.key'), cert: join(folder, 'server.crt') };
  const present = await readPair(files);
  if (present !== null) return present;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = await makeCertificate(now);
  await writeWhole(files.key, made.key);
  await writeWhole(files.cert, made.cert);
  return made;
}

async function readPair(files: { key: string; cert: string }): Promise<ServerCertificate | null> {
  try {
    const [key, cert] = await Promise.all([readFile(files.key, 'utf8'), readFile(files.cert, 'utf8')]);
    return { key, cert, fingerprint: fingerprintOf(cert) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function makeCertificate(now: Instant): Promise<ServerCertificate> {
  const end = new Date(now);
  end.setUTCFullYear(end.getUTCFullYear() + LIFE_YEARS);
  const name = hostname();
  const { private: key, cert } = await generate([{ name: 'commonName', value: `CPM on ${name}`.slice(0, 64) }], {
    keyType: 'ec',
    notBeforeDate: new Date(now - 24 * 3600 * 1000),
    notAfterDate: end,
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: name },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { key, cert, fingerprint: fingerprintOf(cert) };
}

/** Written beside and renamed, so that a crash never leaves half a key. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

const fingerprintOf = (cert: string): string => new X509Certificate(cert).fingerprint256;
