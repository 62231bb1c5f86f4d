import type { SessionId, TokenId, UserId } from '@cpm/core';

/** Who makes a request, as proven by a session cookie or an API token. */
export type Actor = {
  readonly userId: UserId;
  readonly name: string;
  readonly email: string;
  readonly kind: 'root' | 'independent' | 'managed';
  readonly proof:
    | { readonly by: 'session'; readonly sessionId: SessionId; readonly expiresAt: number }
    | { readonly by: 'token'; readonly tokenId: TokenId; readonly expiresAt: number | null };
};
