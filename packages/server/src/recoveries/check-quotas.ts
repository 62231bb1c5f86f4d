import type { Instance } from '@cpm/aws/port';
import { familiesOf, judgeQuota, STORAGE_QUOTA_CODES, type Found, type QuotaUse } from '@cpm/core';
import type { RecoveryAccess } from './recovery-access.ts';
import type { RecoveryUses } from './recovery-uses.ts';

const GIB_PER_TIB = 1024;

/** Whether the running vCPUs of the account leave room for the instances, under the limit of each one's families. */
export async function checkVcpus(
  { ec2, serviceQuotas }: RecoveryAccess,
  { instances = [] }: RecoveryUses,
): Promise<Found[]> {
  if (instances.length === 0) return [];
  const live = (await ec2.listInstances()).filter(({ state }) => state === 'running' || state === 'pending');
  const byCode = Map.groupBy(instances, ({ instanceType }) => familiesOf(instanceType).quotaCode);
  const rivals = live.filter(({ instanceType }) => byCode.has(familiesOf(instanceType).quotaCode));
  const vcpus = await ec2.describeVcpus([...instances, ...rivals].map(({ instanceType }) => instanceType));
  const countOf = (instanceType: string) => vcpus.get(instanceType) ?? 0;
  const uses = await Promise.all(
    [...byCode].map(async ([code, wanted]): Promise<QuotaUse | null> => {
      const quota = await serviceQuotas.readQuota('ec2', code);
      if (quota === null) return null;
      const [first] = wanted;
      return {
        what: `running ${familiesOf(first?.instanceType ?? '').words}`,
        unit: 'vCPUs',
        limit: quota.value,
        used: sumOf(rivals.filter((each) => isUnder(each, code)).map(({ instanceType }) => countOf(instanceType))),
        more: sumOf(wanted.map(({ instanceType, count }) => countOf(instanceType) * count)),
      };
    }),
  );
  return foundOf(uses);
}

const isUnder = ({ instanceType }: Instance, code: string): boolean => familiesOf(instanceType).quotaCode === code;

/** Whether the storage of each volume type leaves room for the volumes. */
export async function checkStorage(
  { ec2, serviceQuotas }: RecoveryAccess,
  { storage = [] }: RecoveryUses,
): Promise<Found[]> {
  if (storage.length === 0) return [];
  const volumes = await ec2.listVolumes();
  const byType = Map.groupBy(storage, ({ volumeType }) => volumeType);
  const uses = await Promise.all(
    [...byType].map(async ([type, wanted]): Promise<QuotaUse | null> => {
      const quota = await serviceQuotas.readQuota('ebs', STORAGE_QUOTA_CODES[type] ?? '');
      if (quota === null) return null;
      return {
        what: `storage of ${type} volumes`,
        unit: 'GiB',
        limit: quota.value * GIB_PER_TIB,
        used: sumOf(volumes.filter((volume) => volume.type === type).map(({ sizeGiB }) => sizeGiB)),
        more: sumOf(wanted.map(({ sizeGiB }) => sizeGiB)),
      };
    }),
  );
  return foundOf(uses);
}

/** Whether RDS lets the account have so many more databases, clusters and so much more storage. */
export async function checkDatabases(
  { rds }: RecoveryAccess,
  { databases = 0, databaseClusters = 0, databaseGiB = 0 }: RecoveryUses,
): Promise<Found[]> {
  if (databases + databaseClusters + databaseGiB === 0) return [];
  const quotas = await rds.readQuotas();
  const use = (what: string, unit: string, quota: typeof quotas.databases, more: number): QuotaUse | null =>
    quota === null || more === 0 ? null : { what, unit, limit: quota.max, used: quota.used, more };
  return foundOf([
    use('databases', 'databases', quotas.databases, databases),
    use('database clusters', 'clusters', quotas.databaseClusters, databaseClusters),
    use('storage of databases', 'GiB', quotas.storageGiB, databaseGiB),
  ]);
}

/** Quotas that AWS does not know are none. */
function foundOf(uses: readonly (QuotaUse | null)[]): Found[] {
  const fix = 'Free some of it, or ask AWS to raise the quota (Service Quotas).';
  const judged = uses.flatMap((use) => (use === null ? [] : [judgeQuota(use)]));
  const of = (result: 'warn' | 'fail') =>
    judged.filter((each) => each.result === result).map(({ message }) => ({ path: '', message, fix }));
  return [{ name: 'quotas', fails: of('fail'), warns: of('warn') }];
}

const sumOf = (figures: readonly number[]): number => figures.reduce((sum, each) => sum + each, 0);
