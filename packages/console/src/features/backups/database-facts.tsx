import type { BackedUpResource } from '@cpm/contract';
import { Facts } from '../../ui/page.tsx';
import classes from './backed-up-resources.module.css';

type Database = NonNullable<BackedUpResource['database']>;

/** What a database or cluster was when it was backed up: folded away, for whoever restores it. */
export function DatabaseFacts({ database }: { readonly database: Database }) {
  const { members } = database;
  return (
    <details className={classes.details}>
      <summary>Its configuration at that time</summary>
      <Facts facts={factsOf(database)} />
      {members.length > 0 && (
        <>
          <h4 className={classes.subtitle}>Members</h4>
          <ul className={classes.members}>
            {members.map(({ identifier, instanceClass, isWriter }) => (
              <li key={identifier}>
                {[identifier, instanceClass, isWriter ? 'writer' : 'reader'].filter(Boolean).join(' · ')}
              </li>
            ))}
          </ul>
        </>
      )}
    </details>
  );
}

type Pair = readonly [name: string, value: string];

function factsOf(database: Database): readonly Pair[] {
  const { engine, engineVersion, instanceClass, nodeCount, port, zones, isMultiAz } = database;
  const { subnetGroup, securityGroupIds, parameterGroups, optionGroup, kmsKeyId, isEncrypted } = database;
  const pairs: (readonly [string, string | number | null])[] = [
    ['Engine', [engine, engineVersion].filter(Boolean).join(' ')],
    ['Class', instanceClass],
    ['Nodes', nodeCount],
    ['Storage', describeStorage(database)],
    ['Database', database.databaseName],
    ['Port', port],
    [zones.length === 1 ? 'Zone' : 'Zones', zones.join(', ')],
    ['Multi-AZ', isMultiAz ? 'Yes' : 'No'],
    ['Subnet group', subnetGroup],
    ['Security groups', securityGroupIds.join(', ')],
    ['Parameter groups', parameterGroups.join(', ')],
    ['Option group', optionGroup],
    ['Encrypted', isEncrypted ? `Yes, with ${kmsKeyId ?? 'the key of AWS'}` : 'No'],
    ['Reachable publicly', yesOrNo(database.isPubliclyAccessible)],
    ['Deletion protection', yesOrNo(database.hasDeletionProtection)],
  ];
  return pairs.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, String(value)] as const]));
}

const yesOrNo = (is: boolean | null): string | null => (is === null ? null : is ? 'Yes' : 'No');

function describeStorage(database: Database): string {
  const { sizeGiB, storageType, iops, throughputMiBs } = database;
  return [
    (sizeGiB ?? 0) === 0 ? null : `${sizeGiB} GiB`,
    storageType,
    (iops ?? 0) === 0 ? null : `${iops} IOPS`,
    (throughputMiBs ?? 0) === 0 ? null : `${throughputMiBs} MiB/s`,
  ]
    .filter(Boolean)
    .join(', ');
}
