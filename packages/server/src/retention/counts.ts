import { counted } from '../logs/counted.ts';

export type Counts = { readonly backups: number; readonly snapshots: number };

/** "1 backup with 2 snapshots", for whoever is to confirm it. */
export function countsOf({ backups, snapshots }: Counts): string {
  return `${counted(backups, 'backup')} with ${counted(snapshots, 'snapshot')}`;
}
