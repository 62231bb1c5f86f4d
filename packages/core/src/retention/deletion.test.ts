import { describe, expect, it } from 'vitest';
import { parseBackupId, parseInstallationId } from '../ids.ts';
import { foreignBecause, isUnexpectedObstacle, OBSTACLE_TEXT, obstacleOfCode } from './deletion.ts';
import type { DeletionObstacle } from './deletion.ts';

const installationId = parseInstallationId('00000001-0000-4000-8000-000000000000');
const backupId = parseBackupId('00000002-0000-4000-8000-000000000000');
const own = { 'cpm:installation': installationId, 'cpm:backup': backupId };

describe('a snapshot is deleted only when its own tags name this installation and this backup', () => {
  it.each<[title: string, tags: Record<string, string>, expected: string | null]>([
    ['both', own, null],
    ['both, among others', { ...own, Name: 'x' }, null],
    ['none', {}, 'it has lost its tag cpm:installation'],
    ['another installation', { ...own, 'cpm:installation': 'x' }, 'its tags name another installation of CPM'],
    ['no backup', { 'cpm:installation': installationId }, 'its tag cpm:backup does not name this backup'],
    ['another backup', { ...own, 'cpm:backup': 'x' }, 'its tag cpm:backup does not name this backup'],
  ])('%s', (_, tags, expected) => {
    expect(foreignBecause(tags, { installationId, backupId })).toBe(expected);
  });
});

describe('what keeps a snapshot', () => {
  it.each<[code: string, expected: DeletionObstacle | null]>([
    ['InvalidSnapshot.InUse', 'in-use'],
    ['SnapshotLocked', 'locked'],
    ['InvalidClusterSnapshotState', 'shared'],
    ['UnauthorizedOperation', null],
    ['', null],
  ])('%s', (code, expected) => {
    expect(obstacleOfCode(code)).toBe(expected);
  });

  it('is told as an alert only when nobody meant it', () => {
    const told = (Object.keys(OBSTACLE_TEXT) as DeletionObstacle[]).filter(isUnexpectedObstacle);
    expect(told).toEqual(['denied', 'foreign', 'refused']);
  });
});
