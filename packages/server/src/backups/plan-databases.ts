import { randomUUID } from 'node:crypto';
import {
  describeTargetKind,
  isCpmError,
  isDatabaseKind,
  parseAttemptId,
  planDatabaseSnapshots,
  TARGET_KINDS,
  targetKey,
  targetOf,
  type DatabaseKind,
  type DatabaseTarget,
} from '@cpm/core';
import type { DatabasePorts } from '../accounts/database-ports.ts';
import { findDatabases, type FoundDatabase } from '../accounts/find-databases.ts';
import { describeError } from '../logs/describe-error.ts';
import { counted } from '../logs/counted.ts';
import { info, warning } from '../logs/log-lines.store.ts';
import type { TargetRow } from '../policies/targets.store.ts';
import { newResource, refusedRegion, type RegionPlan } from './plan-backup.ts';
import type { IntendedSnapshot, NewResource } from './snapshots.store.ts';

type DatabaseRow = TargetRow & { readonly target: DatabaseTarget };

/** The targets of those given that are databases or clusters. */
export function databaseTargets(targets: readonly TargetRow[]): DatabaseRow[] {
  return targets.filter((row): row is DatabaseRow => isDatabaseKind(row.target.kind));
}

/**
 * Reads what exists of a region's databases and clusters, with all that a restore needs to know of them, and decides which
 * snapshots are made. What AWS refuses to tell fails the targets of that kind alone, for that reason.
 */
export async function planDatabases(ports: DatabasePorts, targets: readonly TargetRow[]): Promise<RegionPlan> {
  const plans = await Promise.all(
    TARGET_KINDS.filter(isDatabaseKind).map((kind) =>
      planKind(
        ports,
        kind,
        databaseTargets(targets).filter(({ target }) => target.kind === kind),
      ),
    ),
  );
  return joinPlans(plans);
}

/** Several plans of one region as one. */
export function joinPlans(plans: readonly RegionPlan[]): RegionPlan {
  return {
    resources: plans.flatMap(({ resources }) => resources),
    snapshots: plans.flatMap(({ snapshots }) => snapshots),
    log: plans.flatMap(({ log }) => log),
  };
}

async function planKind(ports: DatabasePorts, kind: DatabaseKind, rows: readonly DatabaseRow[]): Promise<RegionPlan> {
  if (rows.length === 0) return joinPlans([]);
  const identifiers = rows.map(({ target }) => target.identifier);
  try {
    return toPlan(ports.region, rows, await findDatabases(ports, kind, identifiers));
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    return refusedRegion(rows, describeError(error));
  }
}

function toPlan(region: string, rows: readonly DatabaseRow[], found: readonly FoundDatabase[]): RegionPlan {
  const targets = rows.map(({ target }) => target);
  const plan = planDatabaseSnapshots(targets, found);
  const byKey = new Map(
    found.map((each) => [targetKey(targetOf(each.kind, { region, resourceId: each.identifier })), each]),
  );
  const missing = new Map(plan.missingTargets.map(({ target, reason }) => [targetKey(target), reason]));
  const failed = new Map(plan.missingParts.map(({ target, reason }) => [targetKey(target), reason]));
  const resources = rows.map((row): NewResource => {
    const key = targetKey(row.target);
    const state = missing.has(key) ? 'missing' : 'planned';
    const message = missing.get(key) ?? failed.get(key) ?? null;
    const configuration = byKey.get(key)?.configuration ?? null;
    const named = configuration?.tags.find((tag) => tag.key === 'Name')?.value ?? row.resourceName;
    return { ...newResource(row, { state, message }), resourceName: named, databaseConfiguration: configuration };
  });
  const idByKey = new Map(rows.map((row, index) => [targetKey(row.target), resources[index]?.id ?? '']));
  const snapshots = plan.snapshots.map(({ target, service, sizeGiB, tags }): IntendedSnapshot => {
    const resourceId = idByKey.get(targetKey(target)) ?? '';
    const attemptId = parseAttemptId(randomUUID());
    const named = { resourceId, region, service, sourceId: target.identifier, device: null, isRoot: false };
    return { ...named, sizeGiB, tags, attemptId, ownCall: true };
  });
  // They are all of one kind.
  const noun = describeTargetKind(rows[0]?.target.kind ?? 'database');
  const log = [
    info(`${region}: ${counted(snapshots.length, 'snapshot')} of ${counted(rows.length, noun)}`),
    ...plan.notes.map((note) => info(note)),
    ...[...plan.missingTargets, ...plan.missingParts].map(({ reason }) => warning(reason)),
  ];
  return { resources, snapshots, log };
}
