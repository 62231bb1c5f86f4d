import type { ApiToken } from '@cpm/contract';
import type { Column } from '../terminal/print.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';

export const tokenColumns: readonly Column<ApiToken>[] = [
  ['NAME', (token) => token.name],
  ['BEGINS', (token) => token.prefix],
  ['CREATED', (token) => formatTime(token.createdAt)],
  ['EXPIRES', (token) => formatTimeOrNone(token.expiresAt) ?? 'never'],
  ['LAST USED', (token) => formatTimeOrNone(token.lastUsedAt) ?? 'never'],
  ['ID', (token) => token.id],
];
