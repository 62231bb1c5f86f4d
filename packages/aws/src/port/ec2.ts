import type { Ec2DryRun } from './dry-run.ts';
import type { Image, Ec2Images } from './ec2-images.ts';
import type { Instance, InstanceAttributes, InstanceDetails } from './ec2-instances.ts';
import type { Ec2Launch } from './ec2-launch.ts';
import type { Ec2Places } from './ec2-places.ts';
import type { Ec2Snapshots } from './ec2-snapshots.ts';
import type { Ec2Volumes } from './ec2-volumes.ts';
import type { Reservation } from './reservation.ts';

/** All that is needed to rebuild an instance without the original (POL-8); `image` is null when it is gone. */
export type InstanceConfiguration = {
  readonly instance: InstanceDetails;
  readonly attributes: InstanceAttributes;
  readonly image: Image | null;
};

/** The EC2 calls that are made between two scripts. */
export type Ec2SnapshotAction = 'CreateSnapshots' | 'CreateSnapshot';

/** Instances of one account and region, as they are now. */
export type Ec2Instances = {
  /** Every instance, all pages, terminated ones of the last hour included, or an error: never a part. */
  readonly listInstances: () => Promise<readonly Instance[]>;
  /** Those of the ids that AWS shows now; missing ones are absent: no proof that they are gone. */
  readonly describeInstances: (instanceIds: readonly string[]) => Promise<readonly InstanceDetails[]>;
  /** The attributes DescribeInstances leaves out: 4 to 6 calls, so read them outside the time between two scripts. */
  readonly readInstanceAttributes: (instance: InstanceDetails) => Promise<InstanceAttributes>;
  /** Details, attributes and image together; null when AWS does not show the instance. 6 to 8 calls. */
  readonly readInstanceConfiguration: (instanceId: string) => Promise<InstanceConfiguration | null>;
};

/**
 * EC2 as CPM uses it, for one account and one region. Every call waits for AWS's request limit (see `CallOptions`);
 * reads and repeatable calls are tried again after passing failures. Empty id lists answer empty without a call.
 */
export type Ec2Port = Ec2Instances &
  Ec2Snapshots &
  Ec2Volumes &
  Ec2Images &
  Ec2Launch &
  Ec2Places &
  Ec2DryRun & {
    readonly region: string;
    /** Takes request tokens in advance and keeps connections open: see `Reservation`. */
    readonly reserve: (calls: Readonly<Partial<Record<Ec2SnapshotAction, number>>>) => Promise<Reservation<Ec2Port>>;
    /** Opens so many connections, so that a burst does not wait for them. Asks nothing of AWS and never fails. */
    readonly warm: (connections: number) => Promise<void>;
  };
