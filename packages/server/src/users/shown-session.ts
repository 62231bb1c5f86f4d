import type { Session } from '@cpm/contract';
import { formatInstant, type Instant } from '@cpm/core';
import type { UserRow } from './users.store.ts';

/** A session as the API shows it. */
export function shownSession({ id, name, email, kind }: UserRow, serverZone: string, expiresAt: Instant): Session {
  return { user: { id, name, email, kind }, serverZone, expiresAt: formatInstant(expiresAt) };
}
