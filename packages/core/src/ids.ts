import { cpmError } from './errors.ts';

declare const brandName: unique symbol;

/** A value that only its own parse function can make; at run time it is the plain value. */
export type Brand<Value, Name extends string> = Value & { readonly [brandName]: Name };

export type UserId = Brand<string, 'UserId'>;
export type SessionId = Brand<string, 'SessionId'>;
export type TokenId = Brand<string, 'TokenId'>;
export type AccountId = Brand<string, 'AccountId'>;
export type ScheduleId = Brand<string, 'ScheduleId'>;
export type PolicyId = Brand<string, 'PolicyId'>;
export type TargetId = Brand<string, 'TargetId'>;
export type BackupId = Brand<string, 'BackupId'>;
/** CPM's record of one snapshot; AWS's own `snap-…` is always called `awsSnapshotId`. */
export type SnapshotId = Brand<string, 'SnapshotId'>;
export type RecoveryId = Brand<string, 'RecoveryId'>;
export type JobId = Brand<string, 'JobId'>;
export type AlertId = Brand<string, 'AlertId'>;
/** Identifies one attempt at an AWS create call that has no idempotency token. */
export type AttemptId = Brand<string, 'AttemptId'>;
/** Identifies one installation of CPM; written in the tags of everything it makes. */
export type InstallationId = Brand<string, 'InstallationId'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether the text is a UUID in lower-case hexadecimal form, the only form CPM's ids have. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Makes a parse function for one kind of id; it throws `invalid_request` naming the field. */
function idParser<Id extends string>(noun: string): (text: string) => Id {
  return (text) => {
    if (isUuid(text)) return text as Id;
    throw cpmError('invalid_request', { fields: [{ path: 'id', message: `this is no ${noun} id` }] });
  };
}

export const parseUserId = idParser<UserId>('user');
export const parseSessionId = idParser<SessionId>('session');
export const parseTokenId = idParser<TokenId>('token');
export const parseAccountId = idParser<AccountId>('account');
export const parseScheduleId = idParser<ScheduleId>('schedule');
export const parsePolicyId = idParser<PolicyId>('policy');
export const parseTargetId = idParser<TargetId>('target');
export const parseBackupId = idParser<BackupId>('backup');
export const parseSnapshotId = idParser<SnapshotId>('snapshot');
export const parseRecoveryId = idParser<RecoveryId>('recovery');
export const parseJobId = idParser<JobId>('job');
export const parseAlertId = idParser<AlertId>('alert');
export const parseAttemptId = idParser<AttemptId>('attempt');
export const parseInstallationId = idParser<InstallationId>('installation');
