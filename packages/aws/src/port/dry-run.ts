import type { Tags } from './access.ts';
import type { RegisterImageInput } from './ec2-images.ts';
import type { CreateVolumeInput, DetachVolumeInput } from './ec2-volumes.ts';

/** A call that EC2 is asked about without carrying it out (EC2 API Reference, "DryRun"). */
export type DryRunCall =
  | { readonly method: 'createVolume'; readonly input: CreateVolumeInput }
  | { readonly method: 'registerImage'; readonly input: RegisterImageInput }
  | {
      readonly method: 'attachVolume';
      readonly volumeId: string;
      readonly instanceId: string;
      readonly deviceName: string;
    }
  | { readonly method: 'detachVolume'; readonly input: DetachVolumeInput }
  | { readonly method: 'deleteVolume'; readonly volumeId: string }
  | { readonly method: 'startInstances'; readonly instanceIds: readonly string[] }
  | { readonly method: 'stopInstances'; readonly instanceIds: readonly string[] }
  | { readonly method: 'createTags'; readonly resourceIds: readonly string[]; readonly tags: Tags };

/** The method that a dry run is of: a method of the EC2 port. */
export type DryRunMethod = DryRunCall['method'];

/** What EC2 says of it: allowed; denied, with the action that is missing; or something else that came before. */
export type DryRunAnswer =
  | { readonly answer: 'allowed' }
  | { readonly answer: 'denied'; readonly missingPermission: string }
  | { readonly answer: 'unknown'; readonly code: string };

export type Ec2DryRun = {
  /** Whether the caller may do it, proven by EC2 itself; nothing is done. Throws as every read does. */
  readonly dryRun: (call: DryRunCall) => Promise<DryRunAnswer>;
};
