import type { Thing } from './records.ts';

/** The SSM agent of an instance that Systems Manager manages. */
export type Agent = {
  readonly instanceId: string;
  readonly ownerId: string;
  readonly platform: 'Linux' | 'Windows';
  readonly platformName: string;
  readonly platformVersion: string;
  readonly agentVersion: string;
  readonly registeredAt: number;
  /** Whether it answers while its instance runs. */
  readonly online: boolean;
};

/** How a command ends where nothing was planned, or as a plan has it. */
export type CommandEnd = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** A command on one instance. Everything is decided when it is sent; times are epoch ms, one in the future is yet to come. */
export type Invocation = CommandEnd & {
  readonly instanceId: string;
  readonly sentAt: number;
  /** From then on it is found. */
  readonly visibleAt: number;
  /** From then on its delivery counts as delayed. */
  readonly dueAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
  /** When its delivery is given up. */
  readonly expiresAt: number;
  /** When its execution is cut off. */
  readonly cutOffAt: number;
  cancelAt: number | undefined;
  cancelledAt: number | undefined;
};

export type SsmCommand = Thing & {
  readonly document: string;
  readonly plugin: string;
  readonly comment: string;
  readonly parameters: readonly (readonly [string, readonly string[]])[];
  readonly timeoutSeconds: number;
  readonly instanceIds: readonly string[];
  readonly invocations: readonly Invocation[];
};
