import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boto3Driver, hasBoto3 } from '../testing/boto3-driver.ts';
import { codeOf, type Shape } from '../testing/driver.ts';
import { openStage, type Stage } from '../testing/stage.ts';

describe.runIf(hasBoto3())('Service Quotas, spoken to by boto3', () => {
  let stage: Stage;
  const quotas = (action: string, params: object): Promise<Shape> =>
    stage.aws(action, params, { service: 'service-quotas' });
  const vcpus = { ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' };

  beforeAll(async () => {
    stage = await openStage(boto3Driver());
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.reset());

  it('tells the value that the simulator keeps to, beside the default', async () => {
    await stage.control('POST', 'settings', { limits: { vcpusPerRegion: 6 } });
    expect((await quotas('GetServiceQuota', vcpus))['Quota']).toMatchObject({ Value: 6, QuotaCode: 'L-1216C47A' });
    expect((await quotas('GetAWSDefaultServiceQuota', vcpus))['Quota']).toMatchObject({ Value: 5000 });
  });

  it('lists the quotas of a service in pages', async () => {
    const first = await quotas('ListServiceQuotas', { ServiceCode: 'ebs', MaxResults: 5 });
    const rest = await quotas('ListServiceQuotas', { ServiceCode: 'ebs', NextToken: first['NextToken'] });
    expect([first['Quotas'], rest['Quotas']].flat()).toHaveLength(8);
    expect(rest['NextToken']).toBeUndefined();
    expect((await quotas('ListAWSDefaultServiceQuotas', { ServiceCode: 'rds' }))['Quotas']).toHaveLength(2);
  });

  it('knows no other service and no other quota', async () => {
    expect(await codeOf(quotas('GetServiceQuota', { ...vcpus, QuotaCode: 'L-00000000' }))).toBe(
      'NoSuchResourceException',
    );
    expect(await codeOf(quotas('ListServiceQuotas', { ServiceCode: 'made-up' }))).toBe('NoSuchResourceException');
  });

  it('limits the storage of a volume type, and says so', async () => {
    await stage.control('POST', 'settings', { limits: { storageTiBPerType: 1 } });
    const volume = (Size: number, VolumeType: string) =>
      stage.aws('CreateVolume', { AvailabilityZone: 'us-east-1a', Size, VolumeType });
    expect(await codeOf(volume(1025, 'gp3'))).toBe('VolumeLimitExceeded');
    expect(await codeOf(volume(600, 'gp3'))).toBe('accepted');
    expect(await codeOf(volume(600, 'gp3'))).toBe('VolumeLimitExceeded');
    expect(await codeOf(volume(600, 'st1'))).toBe('accepted');
  });
});
