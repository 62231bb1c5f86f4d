import type * as sdk from '@aws-sdk/client-ssm';
import { cpmError } from '@cpm/core';
import type { Invocation, ManagedInstance, SendCommandInput } from '../port/ssm.ts';
import { instantOf, orNull } from './shapes.ts';

/** SSM API Reference, SendCommand: instances of a command, characters of a comment, seconds to start in. */
const MOST_INSTANCES = 50;
export const LONGEST_COMMENT = 100;
const SHORTEST_START_SECONDS = 30;

/**
 * AWS knows two times: one to start in and one to run in. A script that came late would run when nobody expects it any
 * more, so the first is short. Throws `invalid_request` for no or too many instances: AWS answers the latter with a
 * refusal for its rate, which would be tried again for nothing.
 */
export function toSendCommand(input: SendCommandInput): sdk.SendCommandCommandInput {
  const { instanceIds, document, commands, timeoutSeconds, comment } = input;
  if (instanceIds.length === 0 || instanceIds.length > MOST_INSTANCES) {
    const fields = [{ path: 'instanceIds', message: `1 to ${MOST_INSTANCES} instances take one command` }];
    throw Object.assign(cpmError('invalid_request', { fields }), { outcomeUnknown: false, missingPermission: null });
  }
  return {
    InstanceIds: [...instanceIds],
    DocumentName: document,
    Parameters: { commands: [...commands], executionTimeout: [String(timeoutSeconds)] },
    TimeoutSeconds: Math.max(SHORTEST_START_SECONDS, input.startWithinSeconds ?? SHORTEST_START_SECONDS),
    Comment: comment.slice(0, LONGEST_COMMENT),
  };
}

export function toManagedInstance(from: sdk.InstanceInformation): ManagedInstance {
  return {
    instanceId: from.InstanceId ?? '',
    ping: from.PingStatus ?? '',
    lastPingAt: instantOf(from.LastPingDateTime),
    platform: from.PlatformType?.toLowerCase() ?? '',
    platformName: orNull(from.PlatformName),
    platformVersion: orNull(from.PlatformVersion),
    agentVersion: orNull(from.AgentVersion),
  };
}

export function toInvocation(from: sdk.GetCommandInvocationCommandOutput): Invocation {
  return {
    status: from.Status ?? '',
    statusDetails: from.StatusDetails ?? '',
    // AWS writes -1 for a script that has not run, or not to its end.
    exitCode: from.ResponseCode === undefined || from.ResponseCode < 0 ? null : from.ResponseCode,
    output: from.StandardOutputContent ?? '',
    errorOutput: from.StandardErrorContent ?? '',
    startedAt: instantOf(dateOf(from.ExecutionStartDateTime)),
    endedAt: instantOf(dateOf(from.ExecutionEndDateTime)),
  };
}

/** AWS writes a text here, empty while it has nothing to say. */
function dateOf(text: string | undefined): Date | undefined {
  return text === undefined || text === '' ? undefined : new Date(text);
}
