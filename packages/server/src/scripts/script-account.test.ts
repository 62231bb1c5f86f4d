import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { findScriptAccount } from './script-account.ts';
import { createScriptRunner } from './script-runner.ts';

const isRoot = process.geteuid?.() === 0;

describe('whom scripts run as', () => {
  test('a user that the machine does not have, and root, are refused', async () => {
    await expect(findScriptAccount('no-such-user')).rejects.toMatchObject({ code: 'bad_setting' });
    await expect(findScriptAccount('root')).rejects.toThrow('scripts must not run as root');
  });

  test.skipIf(isRoot)('a server without rights runs them as itself', async () => {
    expect(await findScriptAccount(null)).toBeNull();
  });

  test.skipIf(!isRoot)('a server that runs as root runs them as the user that the setting names', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'cpm-account-'));
    await chmod(dataDir, 0o711);
    const runner = await createScriptRunner({
      dataDir,
      scriptUser: 'nobody',
      clock: systemClock(),
      log: pino({ level: 'silent' }),
    });
    const file = path.join(dataDir, 'scripts', 'who');
    const key = path.join(dataDir, 'key');
    await writeFile(key, 'secret', { mode: 0o600 });
    const lines = `#!/bin/sh\necho "$(id -u):$(id -G) $USER $HOME" > /dev/stderr; cat ${key} 2>/dev/null; kill -0 ${process.pid}\n`;
    await writeFile(file, lines, { mode: 0o755 });
    const result = await runner.run({
      file,
      argument: null,
      timeoutMs: 5000,
      collectErrorOutput: true,
      runId: randomUUID(),
      facts: {},
    });
    const home = (await readFile('/etc/passwd', 'utf8'))
      .split('\n')
      .find((line) => line.startsWith('nobody:'))
      ?.split(':')[5];
    expect(result.errorOutput).toContain(`65534:65534 nobody ${home}\n`);
    // It may not even signal the server.
    expect(result.ended).toBe('failed');
    await runner.close();
    await rm(dataDir, { recursive: true, force: true });
  });
});
