import type { Migration } from 'kysely/migration';
import { firstRooms } from './0001-first-rooms.ts';
import { wholeEngine } from './0002-whole-engine.ts';
import { recoveryComplete } from './0003-recovery-complete.ts';
import { lighterRows } from './0004-lighter-rows.ts';

/**
 * Every migration by name, in order. A name that has been released is never changed, removed or put behind another:
 * databases out there have recorded it.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first-rooms': firstRooms,
  '0002-whole-engine': wholeEngine,
  '0003-recovery-complete': recoveryComplete,
  '0004-lighter-rows': lighterRows,
};
