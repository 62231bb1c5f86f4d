import { isOutcomeUnknown, type SsmPort } from '@cpm/aws/port';
import {
  addMs,
  isCpmError,
  isWorthRetrying,
  ssmCommandLines,
  ssmDocumentFor,
  type Instant,
  type ScriptStep,
} from '@cpm/core';
import type { Clock } from '../clock.ts';
import { describeError } from '../logs/describe-error.ts';

/** One region's part of a step that runs on instances. */
export type Commands = {
  readonly instanceIds: readonly string[];
  readonly step: ScriptStep;
  /** The policy's own text. */
  readonly text: string;
  readonly argument: '1' | '0' | null;
  readonly timeoutSeconds: number;
  /** Unique to the step of the backup: what was sent is found again by it. */
  readonly comment: string;
  readonly sentAfter: Instant;
};

/** What became of an instance's command: it was sent as that, or why it was not. */
export type SentCommand =
  | { readonly instanceId: string; readonly commandId: string; readonly problem: null }
  | { readonly instanceId: string; readonly commandId: null; readonly problem: string };

export type SsmParts = {
  readonly ssm: SsmPort;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Takes a command back before its end when it aborts. */
  readonly cancelSignal?: AbortSignal;
};

/** SSM API Reference, SendCommand: instance ids of one command. */
const MOST_INSTANCES = 50;
const TRIES = 3;
const TRY_AGAIN_MS = 1000;
/** A command that was sent shows within seconds. */
const LOOKS = 4;
const LOOK_AGAIN_MS = 1500;

/**
 * Sends the text to each instance by the document of its platform, at most once: after a lost answer "before" counts as
 * failed and is taken back, "after" and "complete" are looked for. Answers for every instance. Throws `shutting_down`.
 */
export async function sendCommands(parts: SsmParts, commands: Commands): Promise<SentCommand[]> {
  const { instanceIds } = commands;
  try {
    const managed = await parts.ssm.describeManagedInstances(instanceIds);
    const platforms = new Map(managed.map(({ instanceId, ping, platform }) => [instanceId, { ping, platform }]));
    const reachable = instanceIds.map((instanceId) => ({ instanceId, ...whyNotReached(platforms.get(instanceId)) }));
    const refused = reachable.flatMap(({ instanceId, problem }) =>
      problem === null ? [] : [{ instanceId, commandId: null, problem }],
    );
    const byDocument = Map.groupBy(
      reachable.filter(({ document }) => document !== null),
      ({ document }) => document,
    );
    const sent = [...byDocument].flatMap(([document, members]) =>
      document === null
        ? []
        : chunks(members.map((each) => each.instanceId)).map((ids) => sendOne(parts, commands, { document, ids })),
    );
    return [...refused, ...(await Promise.all(sent)).flat()];
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    const problem = describeError(error);
    return instanceIds.map((instanceId) => ({ instanceId, commandId: null, problem }));
  }
}

/** Takes back what may have been sent: "before" must not freeze anything once "after" has run. Answers nothing: no guarantee. */
export async function cancelCommands(parts: SsmParts, commands: Commands): Promise<void> {
  const found = await findSent(parts, commands, commands.instanceIds);
  await Promise.all([...new Set(found.values())].map((commandId) => parts.ssm.cancelCommand(commandId)));
}

/** Which of the instances got the step's command already, by the comment; looked for until all are found or AWS had its time. */
export async function findSent(
  { ssm, clock, signal }: SsmParts,
  { comment, sentAfter }: Commands,
  instanceIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let look = 1; look <= LOOKS; look += 1) {
    for (const instanceId of instanceIds.filter((id) => !found.has(id))) {
      const [commandId] = await ssm.findCommands({ instanceId, comment, sentAfter });
      if (commandId !== undefined) found.set(instanceId, commandId);
    }
    if (found.size === instanceIds.length) return found;
    if (look < LOOKS) await clock.sleepUntil(addMs(clock.now(), LOOK_AGAIN_MS), signal);
  }
  return found;
}

type Reachable =
  | { readonly document: 'AWS-RunShellScript' | 'AWS-RunPowerShellScript'; readonly problem: null }
  | { readonly document: null; readonly problem: string };

function whyNotReached(instance: { readonly ping: string; readonly platform: string } | undefined): Reachable {
  if (instance === undefined) return { document: null, problem: 'it is not managed by AWS Systems Manager' };
  if (instance.ping !== 'Online') {
    return { document: null, problem: `AWS Systems Manager does not reach it (${instance.ping})` };
  }
  const document = ssmDocumentFor(instance.platform);
  return document === null
    ? { document, problem: `AWS Systems Manager runs no scripts on ${instance.platform}` }
    : { document, problem: null };
}

type OneCommand = {
  readonly document: 'AWS-RunShellScript' | 'AWS-RunPowerShellScript';
  readonly ids: readonly string[];
};

async function sendOne(parts: SsmParts, commands: Commands, { document, ids }: OneCommand): Promise<SentCommand[]> {
  const { ssm, clock, signal } = parts;
  const { text, argument, timeoutSeconds, comment } = commands;
  const problems = (problem: string) => ids.map((instanceId) => ({ instanceId, commandId: null, problem }));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const lines = ssmCommandLines(text, document, argument);
      const commandId = await ssm.sendCommand({ instanceIds: ids, document, commands: lines, timeoutSeconds, comment });
      return ids.map((instanceId) => ({ instanceId, commandId, problem: null }));
    } catch (error) {
      if (!isCpmError(error) || error.code === 'shutting_down') throw error;
      if (isOutcomeUnknown(error)) return afterLostAnswer(parts, commands, ids);
      if (!isWorthRetrying(error) || attempt === TRIES) return problems(describeError(error));
      await clock.sleepUntil(addMs(clock.now(), TRY_AGAIN_MS), signal);
    }
  }
}

async function afterLostAnswer(parts: SsmParts, commands: Commands, ids: readonly string[]): Promise<SentCommand[]> {
  const lost = 'the answer of AWS to ssm:SendCommand was lost';
  if (commands.step === 'before') {
    await cancelCommands(parts, { ...commands, instanceIds: ids });
    return ids.map((instanceId) => ({ instanceId, commandId: null, problem: lost }));
  }
  const found = await findSent(parts, commands, ids);
  return ids.map((instanceId) => {
    const commandId = found.get(instanceId);
    return commandId === undefined
      ? { instanceId, commandId: null, problem: `${lost}, and no such command shows` }
      : { instanceId, commandId, problem: null };
  });
}

function chunks(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / MOST_INSTANCES) }, (_, index) =>
    ids.slice(index * MOST_INSTANCES, (index + 1) * MOST_INSTANCES),
  );
}
