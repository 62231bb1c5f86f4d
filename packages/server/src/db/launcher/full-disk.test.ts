import { chownSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import {
  cleanUp,
  copyStoppedCluster,
  NOBODY,
  query,
  removeShared,
  startReadyHost,
  stopHost,
} from '../../../test-setup/launcher-rig.ts';
import { canMount, mountSmallDisk } from '../../../test-setup/small-disk.ts';

afterEach(cleanUp);
afterAll(removeShared);

const MARK = 'select count(*)::int as n, count(distinct text)::int as different from mark';
/** A quarter of a MiB that no compression makes smaller. */
const LOG = `select pg_logical_emit_message(false, 'test', repeat('x', 1000000))`;
const GROW = `insert into mark select string_agg(md5(random()::text || n), '') from generate_series(1, 8192) as n`;

test.runIf(canMount)(
  'PostgreSQL that ends on a full disk is back by itself once there is room, with all that was committed (F18)',
  async () => {
    const disk = mountSmallDisk(160);
    if (disk === null) throw new Error('a small disk could not be mounted');
    try {
      const dataDir = path.join(disk.directory, 'data');
      await copyStoppedCluster(dataDir);
      chownSync(disk.directory, NOBODY, NOBODY);
      const host = await startReadyHost({ dataDir, uid: NOBODY, patienceMs: 5_000 });
      await query(host.url, 'create table mark (text text)');
      disk.fill(1);
      let committed = 0;
      const write = async (): Promise<boolean> =>
        query(host.url, GROW).then(
          () => true,
          () => false,
        );
      // What is refused for want of room is no harm; what finds none for its log is PostgreSQL's end.
      while (await write()) committed += 1;
      const log = async () => query(host.url, LOG);
      for (let n = 0; n < 400 && (await log().then(Boolean, () => false)); n += 1) continue;
      const isDown = () => host.log().includes('PostgreSQL is down until there is room');
      for (let n = 0; n < 200 && !isDown(); n += 1) await delay(100);
      expect([isDown(), await write()]).toEqual([true, false]);
      disk.free();
      expect((await host.fact((fact) => fact.exit !== undefined)).exit?.restarted).toBe(true);
      expect(await query(host.url, MARK)).toEqual([{ n: committed, different: committed }]);
      expect(await write()).toBe(true);
      await stopHost(host);
    } finally {
      disk.remove();
    }
  },
  90_000,
);
