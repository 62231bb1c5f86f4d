import { text } from '../command.ts';

export const backupArgument = 'id of the backup, or latest with --policy';
export const backupPolicy = text('--policy <policy>', 'Whose latest backup is meant.');
