import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { handClock } from '../testing/hand-clock.ts';
import { ec2Error, ec2Result, type Asked, type Reply } from '../testing/scripted-aws.ts';
import { withScript } from '../testing/scripted-gateway.ts';
import type { GatewayInput } from './index.ts';

const INPUT = {
  instanceId: 'i-1',
  excludeRoot: false,
  excludeVolumeIds: [],
  description: 'nightly',
  tags: { 'cpm:attempt': 'a-1' },
  copySourceTags: false,
};
const MADE = [{ awsSnapshotId: 'snap-1', tags: { 'cpm:attempt': 'a-1' } }];
const made = ({ action }: Asked): Reply =>
  ec2Result(action, '<snapshotSet><item><snapshotId>snap-1</snapshotId></item></snapshotSet>');

/** Whoever reads the account's keys gets others than the one before: the signature tells when a call was made ready. */
async function withChangingKeys(script: (asked: Asked, count: number) => Reply, input: Partial<GatewayInput> = {}) {
  const { aws, gateway } = await withScript(script, input);
  let reads = 0;
  const credentials = async () => ({ accessKeyId: `AKID${reads++}`, secretAccessKey: 'wJalrXUtnFEMI' });
  const ec2 = gateway.ec2({ accountKey: 'shop', credentials }, 'eu-central-1');
  return { ec2, keys: () => aws.asked.map(({ accessKeyId }) => accessKeyId), reads: () => reads };
}

/** Time enough for a request to be signed and, if nothing held it, answered. */
const aWhile = () => delay(200);

describe('a call that was made ready', () => {
  test('does not go out before it is sent, and then as it was signed', async () => {
    const { ec2, keys, reads } = await withChangingKeys(made);
    const call = ec2.prepareSnapshots(INPUT);
    await aWhile();
    expect([reads(), keys()]).toEqual([1, []]);
    expect(await call.send()).toMatchObject(MADE);
    expect([reads(), keys()]).toEqual([1, ['AKID0']]);
  });

  test('waits for its own leave, whatever was sent or dropped by the same client before', async () => {
    const { aws, ec2 } = await withScript(made);
    const warm = await ec2.createSnapshots(INPUT);
    const [sent, dropped] = [ec2.prepareSnapshots(INPUT), ec2.prepareSnapshots(INPUT)];
    await aWhile();
    dropped.drop();
    expect(await sent.send()).toEqual(warm);
    const later = ec2.prepareSnapshots(INPUT);
    await aWhile();
    expect(aws.asked).toHaveLength(2);
    expect(await ec2.createSnapshots(INPUT)).toEqual(warm);
    expect(aws.asked).toHaveLength(3);
    expect(await later.send()).toEqual(warm);
    expect(aws.asked).toHaveLength(4);
  });

  test('of a single volume does so too', async () => {
    const { ec2, keys } = await withChangingKeys(() => ec2Result('CreateSnapshot', '<snapshotId>snap-2</snapshotId>'));
    const call = ec2.prepareSnapshot({ volumeId: 'vol-1', description: '', tags: {} });
    await aWhile();
    expect(keys()).toEqual([]);
    expect(await call.send()).toMatchObject({ awsSnapshotId: 'snap-2' });
    expect(keys()).toEqual(['AKID0']);
  });

  test('goes out also when it is sent before it is ready', async () => {
    const { ec2, keys } = await withChangingKeys(made);
    expect(await ec2.prepareSnapshots(INPUT).send()).toMatchObject(MADE);
    expect(keys()).toEqual(['AKID0']);
  });

  test('and dropped never goes out', async () => {
    const { ec2, keys } = await withChangingKeys(made);
    const [early, late] = [ec2.prepareSnapshots(INPUT), ec2.prepareSnapshots(INPUT)];
    early.drop();
    await aWhile();
    late.drop();
    await aWhile();
    expect(keys()).toEqual([]);
  });

  test('and sent is not taken back', async () => {
    const { ec2, keys } = await withChangingKeys(made);
    const call = ec2.prepareSnapshots(INPUT);
    const answer = call.send();
    call.drop();
    expect(await answer).toMatchObject(MADE);
    expect(keys()).toHaveLength(1);
  });

  test('is signed anew when it has waited for more than a minute', async () => {
    const clock = handClock();
    const { ec2, keys } = await withChangingKeys(made, { clock });
    const call = ec2.prepareSnapshots(INPUT);
    await aWhile();
    await clock.advance(61_000);
    expect(await call.send()).toMatchObject(MADE);
    expect(keys()).toEqual(['AKID1']);
  });

  test('and could not be is made ready when it is sent', async () => {
    const { gateway, aws } = await withScript(made);
    let reads = 0;
    const credentials = async () => {
      if (reads++ === 0) throw new Error('the key store was locked');
      return { accessKeyId: 'AKIDLATER', secretAccessKey: 'wJalrXUtnFEMI' };
    };
    const call = gateway.ec2({ accountKey: 'shop', credentials }, 'eu-central-1').prepareSnapshots(INPUT);
    await aWhile();
    expect(await call.send()).toMatchObject(MADE);
    expect(aws.asked.map(({ accessKeyId }) => accessKeyId)).toEqual(['AKIDLATER']);
  });

  test('is signed anew for each further try after AWS refused its rate', async () => {
    const script = (asked: Asked, count: number) => (count < 3 ? ec2Error('RequestLimitExceeded', 503) : made(asked));
    const { ec2, keys } = await withChangingKeys(script);
    expect(await ec2.prepareSnapshots(INPUT).send()).toMatchObject(MADE);
    expect(keys()).toEqual(['AKID0', 'AKID1', 'AKID2']);
  });

  test('is sent once, and a lost answer leaves its outcome unknown', async () => {
    const { ec2, keys } = await withChangingKeys(() => 'hang up');
    await expect(ec2.prepareSnapshots(INPUT).send()).rejects.toMatchObject({
      code: 'aws_answer_lost',
      outcomeUnknown: true,
    });
    expect(keys()).toHaveLength(1);
  });
});
