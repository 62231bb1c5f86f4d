import type { Snapshot } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';
import { keyByArn } from './encryption.ts';
import { findById, kinds } from './kinds.ts';
import type { Operations } from './operation.ts';
import { readPermissionChanges, type PermissionChanges } from './permissions.ts';

const ownSnapshot = (call: Call): Snapshot => {
  const snapshot = findById(call, kinds.snapshot, 'SnapshotId');
  if (snapshot.ownerId !== call.accountId) {
    throw awsError(
      'UnauthorizedOperation',
      'You are not authorized to perform this operation. Only the owner of a snapshot may do this.',
    );
  }
  return snapshot;
};

const checkSharing = (call: Call, snapshot: Snapshot, changes: PermissionChanges): void => {
  if (changes.add.length > 0 && changes.remove.length > 0) {
    throw invalidCombination('Permissions cannot be added and removed in the same request.');
  }
  if (changes.add.length === 0 || !snapshot.encrypted) return;
  if (changes.add.includes('all'))
    throw awsError('OperationNotPermitted', 'Encrypted snapshots cannot be made public.');
  const key = snapshot.kmsKeyArn === undefined ? undefined : keyByArn(call.region, snapshot.kmsKeyArn);
  if (key === undefined || key.awsManaged) {
    throw awsError('OperationNotPermitted', 'Encrypted snapshots with EBS default key cannot be shared');
  }
};

const modify = (call: Call): Reply => {
  const snapshot = ownSnapshot(call);
  const attribute = call.params.text('Attribute') ?? 'createVolumePermission';
  if (attribute !== 'createVolumePermission') throw invalidValue(attribute, 'attribute');
  const changes = readPermissionChanges(call, 'CreateVolumePermission', 'UserGroup');
  checkSharing(call, snapshot, changes);
  if (changes.add.includes('all') && snapshot.productCodes.length > 0) {
    throw awsError('OperationNotPermitted', 'Snapshots with product codes cannot be made public.');
  }
  for (const name of changes.add) snapshot.sharedWith.add(name);
  for (const name of changes.remove) snapshot.sharedWith.delete(name);
  return { return: true };
};

const describe = (call: Call): Reply => {
  const snapshot = ownSnapshot(call);
  const attribute = call.params.requiredText('Attribute');
  if (attribute === 'productCodes') {
    return {
      snapshotId: snapshot.id,
      productCodes: snapshot.productCodes.map((productCode) => ({ productCode, type: 'marketplace' })),
    };
  }
  if (attribute !== 'createVolumePermission') throw invalidValue(attribute, 'attribute');
  return {
    snapshotId: snapshot.id,
    createVolumePermission: [...snapshot.sharedWith].map((name) =>
      name === 'all' ? { group: name } : { userId: name },
    ),
  };
};

const reset = (call: Call): Reply => {
  const snapshot = ownSnapshot(call);
  const attribute = call.params.requiredText('Attribute');
  if (attribute !== 'createVolumePermission') throw invalidValue(attribute, 'attribute');
  snapshot.sharedWith.clear();
  return { return: true };
};

/** Who may make volumes from a snapshot. */
export const snapshotAttributeOperations: Operations = {
  ModifySnapshotAttribute: { required: ['SnapshotId'], targets: ['SnapshotId'], run: modify },
  DescribeSnapshotAttribute: { required: ['SnapshotId', 'Attribute'], targets: ['SnapshotId'], run: describe },
  ResetSnapshotAttribute: { required: ['SnapshotId', 'Attribute'], targets: ['SnapshotId'], run: reset },
};
