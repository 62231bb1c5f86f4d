import type { AwsCredentials } from '../port/access.ts';

/** What stands behind the port in a run of the suite: the simulator, or moto, which others wrote. */
export type BackEnd = {
  readonly name: 'simulator' | 'moto';
  readonly url: string;
  /** Where the cases work; another enabled region that they leave alone. */
  readonly region: string;
  readonly otherRegion: string;
  /** May do everything in its account. */
  readonly owner: AwsCredentials;
  readonly accountId: string;
  /** May call ec2:Describe… and nothing else. */
  readonly watcher: AwsCredentials;
  /** An instance in the working region that Systems Manager manages: CPM never makes one, so the back end has it. */
  readonly managedInstanceId: string;
  /** Lets time pass, as far as the back end knows time. */
  readonly settle: (seconds: number) => Promise<void>;
  /** So long what comes about by itself is waited for, in ms of the machine's time. */
  readonly patienceMs: number;
  /** Makes AWS misbehave; null where the back end cannot be made to. */
  readonly faults: Faults | null;
  readonly stop: () => Promise<void>;
};

export type Faults = {
  /** One fault rule of the simulator: kind, action, nth, count, region and so on. */
  readonly set: (rule: Readonly<Record<string, string | number>>) => Promise<void>;
  readonly clear: () => Promise<void>;
  /** For how long a fresh id stays unknown to reads. */
  readonly hideFreshIds: (ms: number) => Promise<void>;
  /** The codes that calls of an action were answered with, `OK` among them, since the last time it was asked. */
  readonly answersTo: (action: string) => Promise<Readonly<Record<string, number>>>;
};
