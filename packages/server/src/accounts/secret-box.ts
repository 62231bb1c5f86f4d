import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Seals secrets for the database: each with a data key of its own (AES-256-GCM), the data key sealed under the master key
 * of the installation. `bind` names the row and its owner, so a sealed secret moved to another row does not open (S33).
 */
export type SecretBox = {
  readonly seal: (secret: string, bind: string) => Buffer;
  /** Throws when the secret was sealed under another master key, for another row, or was changed. */
  readonly open: (sealed: Buffer, bind: string) => string;
};

const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED_KEY_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

export function createSecretBox(masterKey: Buffer): SecretBox {
  return {
    seal(secret, bind) {
      const dataKey = randomBytes(KEY_BYTES);
      const sealedKey = encrypt(masterKey, dataKey, bind);
      return Buffer.concat([Buffer.from([VERSION]), sealedKey, encrypt(dataKey, Buffer.from(secret, 'utf8'), bind)]);
    },
    open(sealed, bind) {
      if (sealed[0] !== VERSION) throw new Error('a stored secret has an unknown form');
      const dataKey = decrypt(masterKey, sealed.subarray(1, 1 + SEALED_KEY_BYTES), bind);
      return decrypt(dataKey, sealed.subarray(1 + SEALED_KEY_BYTES), bind).toString('utf8');
    },
  };
}

/** Reads `<data>/keys/master.key`, or makes it at the first start. It is never in the database nor in its dumps. */
export async function loadMasterKey(dataDir: string): Promise<Buffer> {
  const file = join(dataDir, 'keys', 'master.key');
  try {
    const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
    if (key.length !== KEY_BYTES) throw new Error(`${file} is no master key of CPM`);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  const key = randomBytes(KEY_BYTES);
  const fresh = await open(`${file}.new`, 'w', 0o600);
  try {
    await fresh.writeFile(`${key.toString('base64')}\n`);
    // Everything sealed under it is lost with it: on the disk before anything is sealed.
    await fresh.sync();
  } finally {
    await fresh.close();
  }
  await rename(`${file}.new`, file);
  return key;
}

function encrypt(key: Buffer, plain: Buffer, bind: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(bind, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, bind: string): Buffer {
  // Without its length Node would take a shortened tag, which is easier to forge.
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), options);
  decipher.setAAD(Buffer.from(bind, 'utf8'));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}
