export type Counts = { readonly backups: number; readonly snapshots: number };

/** "1 backup with 2 snapshots", for whoever is to confirm it. */
export function countsOf({ backups, snapshots }: Counts): string {
  return `${backups} ${backups === 1 ? 'backup' : 'backups'} with ${snapshots} ${snapshots === 1 ? 'snapshot' : 'snapshots'}`;
}
