import type { Instant } from '@cpm/core';

/** An instance whose agent has spoken to Systems Manager (SSM API Reference, InstanceInformation). */
export type ManagedInstance = {
  readonly instanceId: string;
  /** Commands reach it only while it is `Online`. */
  readonly ping: 'Online' | 'ConnectionLost' | 'Inactive' | (string & {});
  readonly lastPingAt: Instant | null;
  readonly platform: 'linux' | 'windows' | 'macos' | (string & {});
  readonly platformName: string | null;
  readonly platformVersion: string | null;
  readonly agentVersion: string | null;
};

export type SendCommandInput = {
  /** 1 to 50. */
  readonly instanceIds: readonly string[];
  /** One that takes `commands` and `executionTimeout`. */
  readonly document: 'AWS-RunShellScript' | 'AWS-RunPowerShellScript' | (string & {});
  /** Lines of the script. */
  readonly commands: readonly string[];
  /** How long the script may run, 1 to 172,800: the agent ends it then. */
  readonly timeoutSeconds: number;
  /** 30 to 2,592,000, 30 unless said otherwise: one that has not started by then never will. */
  readonly startWithinSeconds?: number;
  /** At most 100 characters; with a unique one the command is found again: see `findCommands`. */
  readonly comment: string;
};

/** `sentAfter` should leave some minutes for clocks that differ. */
export type FindCommandsInput = {
  readonly instanceId: string;
  readonly comment: string;
  readonly sentAfter: Instant;
};

export type InvocationStatus =
  | 'Pending'
  | 'InProgress'
  | 'Delayed'
  | 'Success'
  | 'Cancelled'
  | 'Cancelling'
  | 'TimedOut'
  | 'Failed'
  | (string & {});

/** One instance's part of a command. */
export type Invocation = {
  readonly status: InvocationStatus;
  /** More exact, such as `DeliveryTimedOut` (it never started) against `ExecutionTimedOut`. */
  readonly statusDetails: string;
  /** null until it has ended, and where it never ran. */
  readonly exitCode: number | null;
  /** What it wrote, cut by AWS at 24,000 characters; strangers' text. */
  readonly output: string;
  readonly errorOutput: string;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
};

/** Systems Manager's Run Command as CPM uses it, for one account and one region. */
export type SsmPort = {
  readonly region: string;
  /** Those of the instances that Systems Manager knows; the others have no agent, or no role that lets it speak. */
  readonly describeManagedInstances: (instanceIds: readonly string[]) => Promise<readonly ManagedInstance[]>;
  /**
   * The command's id. Sent once: after `outcomeUnknown` it may be running: see `findCommands`. `conflict`
   * (`InvalidInstanceId`) when an instance has no agent that answers. SSM API Reference, SendCommand.
   */
  readonly sendCommand: (input: SendCommandInput) => Promise<string>;
  /**
   * Ids of the commands sent to the instance with that very comment, newest first. A fresh one may be missing for
   * seconds; AWS keeps them for 30 days. SSM API Reference, ListCommandInvocations.
   */
  readonly findCommands: (wanted: FindCommandsInput) => Promise<readonly string[]>;
  /** null while AWS does not know of it (yet). SSM API Reference, GetCommandInvocation. */
  readonly readInvocation: (commandId: string, instanceId: string) => Promise<Invocation | null>;
  /** Asks for its end wherever it has not ended; no guarantee. May be repeated. SSM API Reference, CancelCommand. */
  readonly cancelCommand: (commandId: string) => Promise<void>;
};
