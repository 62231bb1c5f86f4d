import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSecretBox, loadMasterKey } from './secret-box.ts';

const box = createSecretBox(randomBytes(32));

test.each(['', 'a secret key', 'ü€\0\uFFFF', 'x'.repeat(100_000)])('a sealed secret opens as it was', (secret) => {
  expect(box.open(box.seal(secret, 'row 1'), 'row 1')).toBe(secret);
});

test('the same secret sealed twice looks different, and neither shows it', () => {
  const [first, second] = [box.seal('a secret key', 'row 1'), box.seal('a secret key', 'row 1')];
  expect(first.equals(second)).toBe(false);
  expect(first.includes('a secret key')).toBe(false);
});

test('a secret moved to another row, or sealed under another master key, does not open', () => {
  const sealed = box.seal('a secret key', 'accounts/1/anna');
  expect(() => box.open(sealed, 'accounts/2/ben')).toThrow(Error);
  expect(() => createSecretBox(randomBytes(32)).open(sealed, 'accounts/1/anna')).toThrow(Error);
});

test('a secret of which any one byte was changed, or the end cut off, does not open', () => {
  const sealed = box.seal('a secret key', 'row 1');
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    expect(() => box.open(changed, 'row 1')).toThrow(Error);
    expect(() => box.open(sealed.subarray(0, at), 'row 1')).toThrow(Error);
  }
});

test('the master key is made once, readable by the server’s user alone, and a damaged one is refused', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'cpm-keys-'));
  const made = await loadMasterKey(dir);
  expect(made).toHaveLength(32);
  expect((await loadMasterKey(dir)).equals(made)).toBe(true);
  const file = join(dir, 'keys', 'master.key');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20));
  await expect(loadMasterKey(dir)).rejects.toThrow('is no master key of CPM');
  await rm(dir, { recursive: true });
});
