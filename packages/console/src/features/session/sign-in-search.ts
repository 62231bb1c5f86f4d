/** Where a sign-in leads to. */
export type SignInSearch = { readonly next?: string | undefined };

/** Reads the address of the sign-in; only a path of this console counts: a sign-in must never lead to another site. */
export function readSignInSearch(raw: Record<string, unknown>): SignInSearch {
  const { next } = raw;
  return { next: typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : undefined };
}
