import { callerOf, type Caller } from '../iam/caller.ts';
import type { World } from '../state/world.ts';
import { signatureMatches, signedAtMs, type Claim, type RawRequest } from './signature.ts';

/** Why a request's signature does not prove who sent it. */
export type Refusal =
  | 'unsigned'
  | 'unknown-key'
  | 'bad-signature'
  | 'bad-token'
  | 'expired'
  | 'skewed'
  | 'bad-region'
  | 'region-off';

const isSkewed = (world: World, claim: Claim): boolean => {
  const signedAt = signedAtMs(claim);
  if (signedAt === undefined) return true;
  const validMs = Math.max(world.settings.clockSkewMs, (claim.expiresSeconds ?? 0) * 1000);
  // Clients sign by their own clock; one that follows the simulator's is as welcome as one on real time.
  return [Date.now(), world.clock.now()].every(
    (now) => now - signedAt > validMs || signedAt - now > world.settings.clockSkewMs,
  );
};

const checkRegion = (world: World, claim: Claim, caller: Caller): Refusal | undefined => {
  const region = world.regions.get(claim.region);
  if (region === undefined) return 'bad-region';
  return region.optIn && !caller.account.optedIn.has(region.name) ? 'region-off' : undefined;
};

/** Proves who signed the request and for which region, or says why not. */
export const authenticate = (world: World, request: RawRequest, claim: Claim | undefined): Caller | Refusal => {
  if (claim === undefined) return 'unsigned';
  const credential = world.credentials.get(claim.accessKeyId);
  if (credential === undefined || !credential.active) return 'unknown-key';
  if (!signatureMatches(request, claim, credential.secret)) return 'bad-signature';
  if (credential.token !== claim.sessionToken) return 'bad-token';
  if (credential.expiresAt !== undefined && credential.expiresAt <= world.clock.now()) return 'expired';
  if (isSkewed(world, claim)) return 'skewed';
  const caller = callerOf(world, credential);
  if (caller === undefined) return 'unknown-key';
  return checkRegion(world, claim, caller) ?? caller;
};
