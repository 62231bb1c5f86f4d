import type { Tag } from '../recovery/instance-configuration.ts';

/** A volume attached to an instance, as AWS reports it when a backup is planned. */
export type AttachedVolume = {
  readonly volumeId: string;
  readonly deviceName: string;
  readonly sizeGiB: number;
  readonly tags: readonly Tag[];
};

export type InventoryInstance = {
  readonly region: string;
  readonly instanceId: string;
  /** AWS's state name: pending, running, stopping, stopped, shutting-down, terminated. */
  readonly state: string;
  readonly isHibernated: boolean;
  readonly rootDeviceName: string | null;
  readonly rootDeviceType: 'ebs' | 'instance-store';
  readonly volumes: readonly AttachedVolume[];
  readonly tags: readonly Tag[];
};

export type InventoryVolume = {
  readonly region: string;
  readonly volumeId: string;
  /** AWS's state name: creating, available, in-use, deleting, deleted, error. */
  readonly state: string;
  readonly sizeGiB: number;
  readonly tags: readonly Tag[];
};

/** What exists of a policy's targets, from complete and successful listings only. */
export type Inventory = {
  readonly instances: readonly InventoryInstance[];
  readonly volumes: readonly InventoryVolume[];
};
