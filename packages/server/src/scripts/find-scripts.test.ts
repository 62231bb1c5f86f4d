import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Role } from '@cpm/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findScripts } from './find-scripts.ts';
import type { ScriptAccount } from './script-account.ts';

let dir: string;
let scriptsDir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'cpm-find-'));
  scriptsDir = path.join(dir, 'scripts');
  await mkdir(path.join(scriptsDir, 'alice'), { recursive: true });
  await chmod(dir, 0o755);
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const put = (name: string, mode = 0o755) => writeFile(path.join(scriptsDir, name), '#!/bin/sh\n', { mode });

const nobody: ScriptAccount = { name: 'nobody', uid: 65_534, gid: 65_534, home: '/' };
const owner = (name: string, kind: Role = 'independent') => ({
  id: '2b0f9a52-7c40-4a3c-9d55-0b3c5f6f9a11',
  name,
  kind,
});
const rootUser = owner('admin', 'root');
const isRoot = process.geteuid?.() === 0;

async function beforeOf(by = rootUser, account: ScriptAccount | null = null) {
  const found = await findScripts({ scriptsDir, account, owner: by, policyName: 'p', policyNames: ['p', 'pp'] });
  return found.steps.before.file ?? found.steps.before.problem;
}

describe('the scripts of a policy', () => {
  test("root's lie in the scripts directory, another user's in the folder of the user's name", async () => {
    await put('before_p.sh');
    await put('alice/before_p.sh');
    expect(await beforeOf()).toBe(path.join(scriptsDir, 'before_p.sh'));
    expect(await beforeOf(owner('alice'), nobody)).toBe(path.join(scriptsDir, 'alice', 'before_p.sh'));
  });

  test('are looked for in no other folder, whatever the user is called', async () => {
    await put('before_p.sh');
    for (const name of ['..', '.', 'alice/..', '/', '', '../scripts']) {
      expect(await beforeOf(owner(name), nobody)).toBe(
        `there is no directory ${path.join(scriptsDir, '2b0f9a52-7c40-4a3c-9d55-0b3c5f6f9a11')}`,
      );
    }
  });

  test('a directory that is not there, or is a file, is named', async () => {
    await put('bob');
    expect(await beforeOf(owner('carol'), nobody)).toBe(`there is no directory ${path.join(scriptsDir, 'carol')}`);
    expect(await beforeOf(owner('bob'), nobody)).toBe(`${path.join(scriptsDir, 'bob')} cannot be read (ENOTDIR)`);
  });

  test("a folder that is a link to another user's is not followed", async () => {
    await put('alice/before_p.sh');
    await symlink('alice', path.join(scriptsDir, 'mallory'));
    await symlink('.', path.join(scriptsDir, 'trudy'));
    expect(await beforeOf(owner('mallory'), nobody)).toContain('is a link, which is not followed');
    expect(await beforeOf(owner('trudy'), nobody)).toContain('is a link, which is not followed');
  });

  test('a link within the directory is a script, one that leads out of it or to nothing is none', async () => {
    await put('common');
    const link = path.join(scriptsDir, 'before_p');
    await symlink('common', link);
    expect(await beforeOf()).toBe(link);
    await rm(link);
    await symlink('/bin/true', link);
    expect(await beforeOf()).toBe('"before_p" is a link that leads out of the scripts directory');
    await rm(link);
    await symlink('gone', link);
    expect(await beforeOf()).toBe('"before_p" is a link to nothing');
  });

  test('what anybody could change is refused, file and directory', async () => {
    await put('before_p.sh');
    await chmod(path.join(scriptsDir, 'before_p.sh'), 0o777);
    expect(await beforeOf()).toBe('"before_p.sh" can be changed by anybody: chmod o-w');
    await chmod(scriptsDir, 0o777);
    expect(await beforeOf()).toBe(`anybody may write into ${scriptsDir}`);
  });

  test('names of files are shown without what a terminal would act on', async () => {
    await put('before_p\u001b[31m\n.sh');
    await put('before_p.sh');
    expect(await beforeOf()).toContain('"before_p␛[31m␊.sh"');
  });

  test.skipIf(!isRoot)('a file that the script user may not execute is refused', async () => {
    await put('before_p.sh', 0o700);
    expect(await beforeOf(rootUser, nobody)).toBe('"before_p.sh" is not executable for the user nobody');
    await chown(path.join(scriptsDir, 'before_p.sh'), 65_534, 0);
    expect(await beforeOf(rootUser, nobody)).toBe(path.join(scriptsDir, 'before_p.sh'));
  });

  test.skipIf(!isRoot)(
    "a server that runs as root runs nobody's scripts but root's without a script user",
    async () => {
      await put('alice/before_p.sh');
      expect(await beforeOf(owner('alice'))).toContain('CPM_SCRIPT_USER');
    },
  );

  test.skipIf(isRoot)('a directory that the server may not read is named', async () => {
    await chmod(scriptsDir, 0o300);
    expect(await beforeOf()).toBe(`${scriptsDir} cannot be read (EACCES)`);
  });
});
