import { describe, expect, it } from 'vitest';
import { waysToRecover, type BackedUp } from './recovery-ways.ts';

const whole: BackedUp = {
  kind: 'instance',
  backupObstacle: null,
  message: null,
  isRecorded: true,
  isConfigurationOnly: false,
  unusualLaunch: null,
  snapshots: [{ isCompleted: true }, { isCompleted: true }],
};
const told = (change: Partial<BackedUp>): string[] =>
  waysToRecover({ ...whole, ...change }).map(
    ({ way, isOffered, why }) => `${way} ${isOffered ? 'yes' : 'no'}${why === null ? '' : `: ${why}`}`,
  );
const NONE = 'there is no completed snapshot of it in this backup';
const NOT_RECORDED = 'its configuration was not recorded';
const HALF = '1 of its 2 snapshots have completed';
const half = [{ isCompleted: true }, { isCompleted: false }];

describe('the ways in which something can come back', () => {
  it.each<[string, Partial<BackedUp>, string[]]>([
    ['an instance as itself, or as its volumes', {}, ['instance yes', 'volumes yes']],
    ['a volume as a volume', { kind: 'volume', isRecorded: false }, ['volumes yes']],
    ['a database as itself', { kind: 'database' }, ['database yes']],
    ['a database cluster as itself', { kind: 'database-cluster' }, ['database-cluster yes']],
    ['a Redshift cluster as itself', { kind: 'redshift-cluster' }, ['redshift-cluster yes']],
    ['how, where it is not the usual way', { unusualLaunch: 'by image' }, ['instance yes: by image', 'volumes yes']],
    ['a part, where only that completed', { snapshots: half }, [`instance yes: ${HALF}`, `volumes yes: ${HALF}`]],
    ['no instance without its configuration', { isRecorded: false }, [`instance no: ${NOT_RECORDED}`, 'volumes yes']],
    ['no database without it', { kind: 'database', isRecorded: false }, [`database no: ${NOT_RECORDED}`]],
    ['nothing without a snapshot', { snapshots: [] }, [`instance no: ${NONE}`, `volumes no: ${NONE}`]],
    [
      'with the reason why there is none',
      { kind: 'database-cluster', snapshots: [{ isCompleted: false }], message: 'AWS refused it' },
      [`database-cluster no: ${NONE}: AWS refused it`],
    ],
    [
      'an instance from its configuration, where that is all that was asked for',
      { snapshots: [], isConfigurationOnly: true, unusualLaunch: 'by image' },
      ['instance yes: by image', `volumes no: ${NONE}`],
    ],
    ['nothing of a backup that goes', { backupObstacle: 'it goes' }, ['instance no: it goes', 'volumes no: it goes']],
  ])('%s', (_, change, expected) => {
    expect(told(change)).toEqual(expected);
  });
});
