import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  RDSClient,
  type CreateDBInstanceCommandInput,
} from '@aws-sdk/client-rds';
import { CreateClusterCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import type { BackEnd } from './back-end.ts';
import { until, type Stage } from './stage.ts';

/** Names of what the suite made for itself; CPM never makes a database, so the SDK alone does. */
export const ORDERS = 'suite-orders';
export const SALES = 'suite-sales';
export const MEMBER = 'suite-sales-1';
export const WAREHOUSE = 'suite-warehouse';

const PASSWORD = 'Only-for-the-suite-1';
const TAGS = [{ Key: 'cpm backup', Value: 'nightly' }];

const clientConfig = ({ url, region, owner }: BackEnd) => ({ endpoint: url, region, credentials: owner });

/** What a stage planted, made when the first case asks for it. */
function once(plant: (stage: Stage) => Promise<void>): (stage: Stage) => Promise<void> {
  const planted = new WeakMap<Stage, Promise<void>>();
  return (stage) => {
    const known = planted.get(stage) ?? plant(stage);
    planted.set(stage, known);
    return known;
  };
}

/** A PostgreSQL instance, and an Aurora cluster with one member, all available. */
export const plantDatabases = once(async ({ backEnd, rds }) => {
  const client = new RDSClient(clientConfig(backEnd));
  const make = (input: CreateDBInstanceCommandInput) => client.send(new CreateDBInstanceCommand(input));
  await make({
    DBInstanceIdentifier: ORDERS,
    DBInstanceClass: 'db.m5.large',
    Engine: 'postgres',
    AllocatedStorage: 20,
    StorageType: 'gp3',
    DBName: 'orders',
    Port: 5433,
    MasterUsername: 'keeper',
    MasterUserPassword: PASSWORD,
    MultiAZ: true,
    DeletionProtection: true,
    Tags: TAGS,
  });
  await client.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: SALES,
      Engine: 'aurora-postgresql',
      MasterUsername: 'keeper',
      MasterUserPassword: PASSWORD,
      Tags: TAGS,
    }),
  );
  await make({
    DBInstanceIdentifier: MEMBER,
    DBInstanceClass: 'db.r5.large',
    Engine: 'aurora-postgresql',
    DBClusterIdentifier: SALES,
  });
  client.destroy();
  await until(backEnd, 'the databases are available', async () => {
    const databases = await rds.describeDatabases([ORDERS, MEMBER]);
    const clusters = await rds.describeDatabaseClusters([SALES]);
    const found = [...databases, ...clusters];
    return found.length === 3 && found.every(({ state }) => state === 'available');
  });
});

/** A Redshift cluster of two nodes, available. */
export const plantWarehouse = once(async ({ backEnd, redshift }) => {
  const client = new RedshiftClient(clientConfig(backEnd));
  await client.send(
    new CreateClusterCommand({
      ClusterIdentifier: WAREHOUSE,
      NodeType: 'ra3.xlplus',
      NumberOfNodes: 2,
      ClusterType: 'multi-node',
      DBName: 'warehouse',
      MasterUsername: 'keeper',
      MasterUserPassword: PASSWORD,
      Tags: TAGS,
    }),
  );
  client.destroy();
  await until(backEnd, 'the cluster is available', async () => {
    const [found] = await redshift.describeClusters([WAREHOUSE]);
    return found?.state === 'available';
  });
});
