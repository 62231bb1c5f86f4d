import type { DatabaseConfiguration } from '@cpm/core';
import { Facts } from '../../ui/page.tsx';
import classes from './backed-up-resources.module.css';

/** What a database or cluster was when it was backed up: folded away, for whoever restores it. */
export function DatabaseFacts({ configuration }: { readonly configuration: Partial<DatabaseConfiguration> }) {
  const { members = [] } = configuration;
  return (
    <details className={classes.details}>
      <summary>Its configuration at that time</summary>
      <Facts facts={factsOf(configuration)} />
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

function factsOf(configuration: Partial<DatabaseConfiguration>): readonly Pair[] {
  const { engine, engineVersion, instanceClass, nodeCount, port, zones, isMultiAz } = configuration;
  const { subnetGroup, securityGroupIds, parameterGroups, optionGroup, kmsKeyId, isEncrypted } = configuration;
  const pairs: (readonly [string, string | number | null | undefined])[] = [
    ['Engine', [engine, engineVersion].filter(Boolean).join(' ')],
    ['Class', instanceClass],
    ['Nodes', nodeCount],
    ['Storage', describeStorage(configuration)],
    ['Database', configuration.databaseName],
    ['Port', port],
    [zones?.length === 1 ? 'Zone' : 'Zones', zones?.join(', ')],
    ['Multi-AZ', isMultiAz === true ? 'Yes' : 'No'],
    ['Subnet group', subnetGroup],
    ['Security groups', securityGroupIds?.join(', ')],
    ['Parameter groups', parameterGroups?.join(', ')],
    ['Option group', optionGroup],
    ['Encrypted', isEncrypted === true ? `Yes, with ${kmsKeyId ?? 'the key of AWS'}` : 'No'],
    ['Reachable publicly', yesOrNo(configuration.isPubliclyAccessible)],
    ['Deletion protection', yesOrNo(configuration.hasDeletionProtection)],
  ];
  return pairs.flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)] as const],
  );
}

const yesOrNo = (is: boolean | null | undefined): string | null =>
  is === null || is === undefined ? null : is ? 'Yes' : 'No';

function describeStorage(configuration: Partial<DatabaseConfiguration>): string {
  const { sizeGiB, storageType, iops, throughputMiBs } = configuration;
  return [
    (sizeGiB ?? 0) === 0 ? null : `${sizeGiB} GiB`,
    storageType,
    (iops ?? 0) === 0 ? null : `${iops} IOPS`,
    (throughputMiBs ?? 0) === 0 ? null : `${throughputMiBs} MiB/s`,
  ]
    .filter((part) => part !== null && part !== undefined && part !== '')
    .join(', ');
}
