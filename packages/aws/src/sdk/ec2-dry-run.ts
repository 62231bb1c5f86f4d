import { isCpmError } from '@cpm/core';
import type { DryRunAnswer, DryRunCall, Ec2DryRun } from '../port/dry-run.ts';
import { isAwsError } from '../port/errors.ts';
import { toRegisterImage } from './ec2-images.ts';
import { toCreateVolume } from './ec2-volumes.ts';
import type { Ec2Calls } from './service-calls.ts';
import { toSdkTags } from './shapes.ts';

export function ec2DryRun({ read }: Ec2Calls): Ec2DryRun {
  return {
    dryRun: async (call) => {
      try {
        await ask(read, call);
        // EC2 always refuses: a plain answer would be of an endpoint that does not know the flag.
        return { answer: 'unknown', code: 'DryRunIgnored' };
      } catch (error) {
        return answerOf(error);
      }
    },
  };
}

function answerOf(error: unknown): DryRunAnswer {
  if (!isAwsError(error) || !isCpmError(error)) throw error;
  if (error.aws?.code === 'DryRunOperation') return { answer: 'allowed' };
  if (error.code === 'aws_denied')
    return { answer: 'denied', missingPermission: error.missingPermission ?? error.aws?.action ?? '' };
  const isAboutTheCall = error.class === 'invalid' || error.class === 'missing' || error.class === 'conflict';
  if (isAboutTheCall) return { answer: 'unknown', code: error.aws?.code ?? error.code };
  throw error;
}

function ask(read: Ec2Calls['read'], call: DryRunCall): Promise<unknown> {
  const DryRun = true;
  switch (call.method) {
    case 'createVolume':
      return read('CreateVolume', (ec2, sdk) =>
        // Without its token: a dry run must not be taken for the first of two calls.
        ec2.send(new sdk.CreateVolumeCommand({ ...toCreateVolume(call.input), ClientToken: undefined, DryRun })),
      );
    case 'registerImage':
      return read('RegisterImage', (ec2, sdk) =>
        ec2.send(new sdk.RegisterImageCommand({ ...toRegisterImage(call.input), DryRun })),
      );
    case 'attachVolume': {
      const input = { VolumeId: call.volumeId, InstanceId: call.instanceId, Device: call.deviceName, DryRun };
      return read('AttachVolume', (ec2, sdk) => ec2.send(new sdk.AttachVolumeCommand(input)));
    }
    case 'detachVolume': {
      const { volumeId, instanceId, deviceName } = call.input;
      const input = { VolumeId: volumeId, InstanceId: instanceId, Device: deviceName, DryRun };
      return read('DetachVolume', (ec2, sdk) => ec2.send(new sdk.DetachVolumeCommand(input)));
    }
    case 'deleteVolume':
      return read('DeleteVolume', (ec2, sdk) =>
        ec2.send(new sdk.DeleteVolumeCommand({ VolumeId: call.volumeId, DryRun })),
      );
    case 'startInstances':
      return read('StartInstances', (ec2, sdk) =>
        ec2.send(new sdk.StartInstancesCommand({ InstanceIds: [...call.instanceIds], DryRun })),
      );
    case 'stopInstances':
      return read('StopInstances', (ec2, sdk) =>
        ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [...call.instanceIds], DryRun })),
      );
    case 'createTags':
      return read('CreateTags', (ec2, sdk) =>
        ec2.send(new sdk.CreateTagsCommand({ Resources: [...call.resourceIds], Tags: toSdkTags(call.tags), DryRun })),
      );
  }
}
