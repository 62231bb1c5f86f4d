import type { AwsCredentials } from '@cpm/aws/port';
import type { RecoveryId } from '@cpm/core';

/**
 * Credentials that were given for one recovery (REC-2): in this process's memory alone, from the request until the recovery
 * has ended. They are in no database, log or answer; a server that stops has forgotten them.
 */
export type RecoveryCredentials = {
  readonly hold: (recoveryId: RecoveryId, credentials: AwsCredentials) => void;
  /** Null where this process does not have them (any more). */
  readonly of: (recoveryId: RecoveryId) => AwsCredentials | null;
  readonly forget: (recoveryId: RecoveryId) => void;
};

export function createRecoveryCredentials(): RecoveryCredentials {
  const held = new Map<RecoveryId, AwsCredentials>();
  return {
    hold: (recoveryId, credentials) => void held.set(recoveryId, credentials),
    of: (recoveryId) => held.get(recoveryId) ?? null,
    forget: (recoveryId) => void held.delete(recoveryId),
  };
}
