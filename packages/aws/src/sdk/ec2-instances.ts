import type * as aws from '@aws-sdk/client-ec2';
import type { Ec2Images } from '../port/ec2-images.ts';
import type { Ec2Instances, InstanceConfiguration } from '../port/ec2.ts';
import type { InstanceAttributes, InstanceDetails } from '../port/ec2-instances.ts';
import { isAwsError, type AwsError } from '../port/errors.ts';
import type { Ec2Calls } from './service-calls.ts';
import { toInstance, toInstanceDetails } from './instance-shapes.ts';
import { PAGE_SIZE, readAllPages, readByFilter } from './pages.ts';
import { orNull } from './shapes.ts';

export function ec2Instances({ read }: Ec2Calls, { describeImages }: Ec2Images): Ec2Instances {
  const list = <Row>(input: aws.DescribeInstancesCommandInput, toRow: (from: aws.Instance) => Row) =>
    readAllPages(
      (NextToken) =>
        read('DescribeInstances', (ec2, sdk) =>
          ec2.send(new sdk.DescribeInstancesCommand({ ...input, MaxResults: PAGE_SIZE, NextToken })),
        ),
      (page) => (page.Reservations ?? []).flatMap(({ Instances }) => (Instances ?? []).map(toRow)),
    );
  const describeInstances = (instanceIds: readonly string[]) =>
    readByFilter(instanceIds, (Values) => list({ Filters: [{ Name: 'instance-id', Values }] }, toInstanceDetails));
  const readInstanceAttributes = (instance: InstanceDetails) => readAttributes(read, instance);

  return {
    listInstances: () => list({}, toInstance),
    describeInstances,
    readInstanceAttributes,
    readInstanceConfiguration: async (instanceId): Promise<InstanceConfiguration | null> => {
      const [instance] = await describeInstances([instanceId]);
      if (instance === undefined) return null;
      const [attributes, images] = await Promise.all([
        readInstanceAttributes(instance),
        describeImages(instance.imageId === '' ? [] : [instance.imageId]),
      ]);
      return { instance, attributes, image: images[0] ?? null };
    },
  };
}

/** EC2 User Guide, "Burstable performance instances": all others refuse the question; T1 does not count. */
const BURSTABLE = /^t[2-9]/;

type Asked = 'userData' | 'disableApiTermination' | 'disableApiStop' | 'instanceInitiatedShutdownBehavior';

/** An attribute that the endpoint does not tell is noted, not fatal: the backup itself does not depend on it. */
async function readAttributes(read: Ec2Calls['read'], instance: InstanceDetails): Promise<InstanceAttributes> {
  const { instanceId, currentBootMode } = instance;
  const unknown: string[] = [];
  const tolerant = async <Value>(name: string, ask: () => Promise<Value>): Promise<Value | null> => {
    try {
      return await ask();
    } catch (error) {
      if (!isTolerable(error)) throw error;
      unknown.push(`${name}: ${error.aws?.code ?? error.code}`);
      return null;
    }
  };
  const attribute = (name: Asked) =>
    tolerant(name, () =>
      read('DescribeInstanceAttribute', (ec2, sdk) =>
        ec2.send(new sdk.DescribeInstanceAttributeCommand({ InstanceId: instanceId, Attribute: name })),
      ),
    );
  const uefiData = async () => {
    if (currentBootMode !== 'uefi') return null;
    return tolerant('uefiData', () =>
      read('GetInstanceUefiData', (ec2, sdk) =>
        ec2.send(new sdk.GetInstanceUefiDataCommand({ InstanceId: instanceId })),
      ),
    );
  };
  const credits = async () => {
    if (!BURSTABLE.test(instance.instanceType)) return null;
    return tolerant('cpuCredits', () =>
      read('DescribeInstanceCreditSpecifications', (ec2, sdk) =>
        ec2.send(new sdk.DescribeInstanceCreditSpecificationsCommand({ InstanceIds: [instanceId] })),
      ),
    );
  };
  const [userData, termination, stop, shutdown, uefi, credit] = await Promise.all([
    attribute('userData'),
    attribute('disableApiTermination'),
    attribute('disableApiStop'),
    attribute('instanceInitiatedShutdownBehavior'),
    uefiData(),
    credits(),
  ]);
  return {
    userDataBase64: orNull(userData?.UserData?.Value),
    disableApiTermination: termination?.DisableApiTermination?.Value ?? null,
    disableApiStop: stop?.DisableApiStop?.Value ?? null,
    shutdownBehaviour: shutdownBehaviourOf(shutdown?.InstanceInitiatedShutdownBehavior?.Value),
    uefiDataBase64: orNull(uefi?.UefiData),
    cpuCredits: orNull(credit?.InstanceCreditSpecifications?.[0]?.CpuCredits),
    unknown: unknown.toSorted(),
  };
}

function isTolerable(error: unknown): error is AwsError {
  return isAwsError(error) && ['aws_refused', 'aws_denied', 'aws_unavailable'].includes(error.code);
}

function shutdownBehaviourOf(value: string | undefined): 'stop' | 'terminate' | null {
  return value === 'stop' || value === 'terminate' ? value : null;
}
