import type { Backup, Recovery } from '@cpm/contract';
import { addAccount, addPolicy, endOfRecovery, letAnswer, resourcesOf, runBackup } from './stories.ts';
import { startTestServer, type TestServer } from './test-server.ts';

export const REGION = 'us-east-1';

const ROUTES = {
  database: ['POST /backups/:backupId/recoveries/databases', 'databaseId'],
  'database-cluster': ['POST /backups/:backupId/recoveries/database-clusters', 'clusterId'],
  'redshift-cluster': ['POST /backups/:backupId/recoveries/redshift-clusters', 'clusterId'],
} as const;
type Kind = keyof typeof ROUTES;

const TARGETS: readonly (readonly [Kind, string])[] = [
  ['database', 'acme-billing'],
  ['database', 'acme-crm'],
  ['database-cluster', 'acme-shop'],
  ['redshift-cluster', 'acme-warehouse'],
];

/** A server with one backup of a database of each kind. */
export type DatabaseStage = {
  readonly at: TestServer;
  readonly backup: Backup;
  /** Recovers one to its end; `id` is what the new one is called. */
  readonly recover: (
    kind: Kind,
    name: string,
    wish: { readonly id: string } & Readonly<Record<string, unknown>>,
  ) => Promise<Recovery>;
};

export async function startDatabaseStage(): Promise<DatabaseStage> {
  const at = await startTestServer();
  const account = await addAccount(at.anna);
  const targets = TARGETS.map(([kind, resourceId]) => ({ kind, region: REGION, resourceId }));
  const backup = await runBackup(at, await addPolicy(at.anna, { account, targets }));
  const resources = new Map((await resourcesOf(at, backup)).map(({ resourceId, id }) => [resourceId, id]));
  return {
    at,
    backup,
    async recover(kind, name, { id, ...wish }) {
      const [route, idField] = ROUTES[kind];
      const body = { resourceId: resources.get(name) ?? '', [idField]: id, ...wish };
      return endOfRecovery(at, await letAnswer(at, at.anna.call(route, { params: { backupId: backup.id }, body })));
    },
  };
}
