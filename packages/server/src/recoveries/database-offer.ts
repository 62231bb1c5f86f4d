import type { OrderableClass } from '@cpm/aws/port';
import { isCpmError, type DatabaseOffer, type Found, type PreflightCheckName } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import type { RecoveryAccess } from './recovery-access.ts';

/** What a region has for the recovery of a database or cluster, and what could not be asked: that forbids nothing. */
export type ReadOffer = { readonly offer: DatabaseOffer; readonly unknown: readonly Found[] };

type Unknown = { readonly heading: PreflightCheckName; readonly path: string; readonly what: string };

/** Gathers what AWS refuses to tell, such as for want of a permission, as warnings. */
function gatherer() {
  const unknown: Found[] = [];
  const orNull = async <Value>({ heading, path, what }: Unknown, read: Promise<Value>): Promise<Value | null> => {
    try {
      return await read;
    } catch (error) {
      if (!isCpmError(error) || error.code === 'shutting_down') throw error;
      const message = `${what} could not be checked: ${describeError(error)}`;
      unknown.push({ name: heading, warns: [{ path, message, fix: 'AWS itself may refuse what is wrong here.' }] });
      return null;
    }
  };
  return { unknown, orNull };
}

const NO_QUOTAS = { databases: null, databaseClusters: null, storageGiB: null };

export type WantedClasses = {
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly instanceClasses: readonly (string | null)[];
};

/** What RDS has in the region now, for a database or for a cluster. */
export async function readRdsOffer(
  { rds, ec2 }: Pick<RecoveryAccess, 'rds' | 'ec2'>,
  kind: 'database' | 'database-cluster',
  { engine, engineVersion, instanceClasses }: WantedClasses,
): Promise<ReadOffer> {
  const { unknown, orNull } = gatherer();
  const wanted = [...new Set(instanceClasses.filter((each) => each !== null))];
  const ofClusters = kind === 'database-cluster';
  const [databases, clusters, subnetGroups, groups, parameterGroups, optionGroups, quotas, ...classes] =
    await Promise.all([
      rds.listDatabases(),
      ofClusters ? rds.listDatabaseClusters() : [],
      orNull({ heading: 'network', path: 'subnetGroup', what: 'the subnet group' }, rds.listSubnetGroups()),
      orNull({ heading: 'network', path: 'securityGroupIds', what: 'security groups' }, ec2.describeSecurityGroups()),
      orNull(
        { heading: 'launch', path: 'parameterGroup', what: 'the parameter group' },
        ofClusters ? rds.listClusterParameterGroups() : rds.listParameterGroups(),
      ),
      orNull({ heading: 'launch', path: 'optionGroup', what: 'the option group' }, rds.listOptionGroups()),
      orNull({ heading: 'quotas', path: '', what: 'what the account may have' }, rds.readQuotas()),
      ...wanted.map((instanceClass) =>
        orNull(
          { heading: 'launch', path: ofClusters ? 'members' : 'instanceClass', what: `the class ${instanceClass}` },
          // What AWS calls no engine or class is left to the plan and to AWS itself.
          rds.listOrderableClasses({ engine, engineVersion, instanceClass }),
        ),
      ),
    ]);
  return {
    unknown,
    offer: {
      databaseIds: databases.map(({ databaseId }) => databaseId),
      clusterIds: clusters.map(({ clusterId }) => clusterId),
      subnetGroups,
      securityGroups: groups,
      parameterGroups,
      optionGroups,
      classes: known(wanted, classes),
      quotas: quotas === null ? NO_QUOTAS : quotas,
    },
  };
}

const known = (names: readonly string[], offers: readonly (readonly OrderableClass[] | null)[]) =>
  Object.fromEntries(
    names.flatMap((name, index) => {
      const offered = offers[index] ?? null;
      return offered === null ? [] : [[name, offered] as const];
    }),
  );

/** What Redshift has in the region now. */
export async function readRedshiftOffer({
  redshift,
  ec2,
}: Pick<RecoveryAccess, 'redshift' | 'ec2'>): Promise<ReadOffer> {
  const { unknown, orNull } = gatherer();
  const [clusters, subnetGroups, groups, parameterGroups] = await Promise.all([
    redshift.listClusters(),
    orNull({ heading: 'network', path: 'subnetGroup', what: 'the subnet group' }, redshift.listSubnetGroups()),
    orNull({ heading: 'network', path: 'securityGroupIds', what: 'security groups' }, ec2.describeSecurityGroups()),
    orNull({ heading: 'launch', path: 'parameterGroup', what: 'the parameter group' }, redshift.listParameterGroups()),
  ]);
  return {
    unknown,
    offer: {
      databaseIds: [],
      clusterIds: clusters.map(({ clusterId }) => clusterId),
      subnetGroups,
      securityGroups: groups,
      parameterGroups,
      optionGroups: [],
      classes: {},
      quotas: NO_QUOTAS,
    },
  };
}
