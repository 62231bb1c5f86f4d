import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { imageInput, launchInput, snapshotOf, USER_DATA, volumeInput } from './plant-estate.ts';
import { refusalOf, until, type Case } from './stage.ts';

export const instanceCases: readonly Case[] = [
  {
    title: 'a listing shows an instance with its devices, place and tags',
    run: async ({ ec2, estate }) => {
      const found = (await ec2.listInstances()).find(({ instanceId }) => instanceId === estate.instanceId);
      expect(found).toMatchObject({
        state: 'running',
        instanceType: 'm5.large',
        imageId: estate.imageId,
        zone: estate.zone,
        subnetId: estate.subnetId,
        platform: 'linux',
        rootDeviceName: '/dev/sda1',
        tags: { Name: 'web', 'cpm backup': 'nightly' },
      });
      const devices = found?.blockDevices.map(({ deviceName, volumeId }) => `${deviceName} ${volumeId}`).toSorted();
      const [first, second] = estate.dataVolumeIds;
      expect(devices).toEqual([`/dev/sda1 ${estate.rootVolumeId}`, `/dev/sdf ${first}`, `/dev/sdg ${second}`]);
    },
  },
  {
    title: 'an unknown instance is absent from the answer and spoils nothing',
    run: async ({ ec2, estate }) => {
      const found = await ec2.describeInstances([estate.instanceId, 'i-0fedcba9876543210']);
      expect(found.map(({ instanceId }) => instanceId)).toEqual([estate.instanceId]);
      expect(await ec2.readInstanceConfiguration('i-0fedcba9876543210')).toBeNull();
    },
  },
  {
    title: 'the configuration of an instance holds its attributes and its image',
    run: async ({ ec2, estate }) => {
      const configuration = await ec2.readInstanceConfiguration(estate.instanceId);
      expect(configuration).toMatchObject({
        instance: { instanceId: estate.instanceId, metadata: { httpTokens: 'required' } },
        attributes: { userDataBase64: USER_DATA, disableApiTermination: false, shutdownBehaviour: 'stop' },
        image: { imageId: estate.imageId, description: 'made by the contract suite' },
      });
      // UEFI variables are told by few back ends, and only of few instances.
      const unknown = configuration?.attributes.unknown.filter((name) => !name.startsWith('uefiData'));
      expect(unknown).toEqual([]);
      expect(configuration?.instance.networkInterfaces[0]).toMatchObject({
        deviceIndex: 0,
        subnetId: estate.subnetId,
        privateIps: [expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/)],
        securityGroups: [{ name: 'default' }],
      });
    },
  },
  {
    title: 'registerImage keeps everything that an instance needs to boot',
    run: async ({ ec2, estate, backEnd }) => {
      const awsSnapshotId = await snapshotOf(ec2, backEnd, estate.rootVolumeId);
      const input = imageInput({ awsSnapshotId, name: `cpm ${randomUUID()}` });
      const imageId = await ec2.registerImage(input);
      const image = await until(backEnd, 'the image is found by its name', () => ec2.findImageByName(input.name));
      await ec2.deregisterImage(imageId);
      const { architecture, virtualizationType, rootDeviceName, enaSupport, bootMode, sriovNetSupport, tags } = input;
      expect(image).toMatchObject({ imageId, name: input.name, description: input.description });
      expect(image).toMatchObject({ architecture, virtualizationType, rootDeviceName, enaSupport, bootMode, tags });
      expect(image).toMatchObject({ sriovNetSupport, blockDevices: [{ deviceName: '/dev/sda1', awsSnapshotId }] });
    },
  },
  {
    title: 'a second image of the same name is refused as a conflict',
    run: async ({ ec2, estate }) => {
      const input = imageInput({ awsSnapshotId: estate.imageSnapshotId, name: `cpm ${randomUUID()}` });
      const imageId = await ec2.registerImage(input);
      const refusal = await refusalOf(ec2.registerImage(input));
      expect(refusal).toMatchObject({ class: 'conflict', aws: { code: 'InvalidAMIName.Duplicate' } });
      await ec2.deregisterImage(imageId);
    },
  },
  {
    title: 'an instance is launched from an image, with data volumes from snapshots, and the image deregistered after',
    run: async ({ ec2, estate, backEnd }) => {
      const dataSnapshotId = await snapshotOf(ec2, backEnd, estate.dataVolumeIds[0] ?? '');
      const name = `cpm ${randomUUID()}`;
      const imageId = await ec2.registerImage(imageInput({ awsSnapshotId: estate.imageSnapshotId, name }));
      await until(
        backEnd,
        'the image is available',
        async () => (await ec2.describeImages([imageId]))[0]?.state === 'available',
      );
      const device = { kind: 'volume', deviceName: '/dev/sdf', awsSnapshotId: dataSnapshotId, sizeGiB: 12 } as const;
      const rest = {
        type: 'gp3',
        iops: null,
        throughputMiBs: null,
        deleteOnTermination: false,
        encrypted: null,
        kmsKeyId: null,
      };
      const { subnetId } = estate;
      const [launched] = await ec2.runInstances(
        launchInput({ imageId, subnetId, blockDevices: [{ ...device, ...rest }] }),
      );
      expect(launched?.state).toBe('pending');
      const running = await until(backEnd, 'the instance runs', async () => {
        const [instance] = await ec2.describeInstances([launched?.instanceId ?? '']);
        return instance?.state === 'running' ? instance : null;
      });
      expect([await ec2.deregisterImage(imageId), await ec2.deregisterImage(imageId)]).toEqual([
        'deregistered',
        'alreadyGone',
      ]);
      expect(await ec2.findImageByName(name)).toBeNull();
      const volumeId = running.blockDevices.find(({ deviceName }) => deviceName === '/dev/sdf')?.volumeId ?? '';
      const [volume] = await ec2.describeVolumes([volumeId]);
      expect(volume).toMatchObject({ awsSnapshotId: dataSnapshotId, sizeGiB: 12, type: 'gp3' });
      await ec2.terminateInstances([running.instanceId]);
    },
  },
  {
    title: 'images are searched by owner, name and kind, and no more of them than wanted',
    run: async ({ ec2, estate }) => {
      const any = { owners: ['self'], names: [], architecture: null, virtualizationType: null, rootDeviceType: null };
      const [own] = await ec2.describeImages([estate.imageId]);
      const name = own?.name ?? '';
      expect(
        (await ec2.searchImages({ ...any, names: [`${name.slice(0, -3)}*`] }, 50)).map((each) => each.imageId),
      ).toEqual([estate.imageId]);
      expect(await ec2.searchImages({ ...any, names: [name], architecture: 'arm64' }, 50)).toEqual([]);
      expect(await ec2.searchImages({ ...any, names: ['no such image'] }, 50)).toEqual([]);
      expect(await ec2.searchImages({ ...any, owners: ['amazon'] }, 5)).toHaveLength(5);
    },
  },
  {
    title: 'a launch carries cores, protection, the metadata service, a partition, and the tags of its interface',
    run: async ({ ec2, estate: { imageId, subnetId }, backEnd }) => {
      const input = launchInput({
        imageId,
        subnetId,
        blockDevices: [],
        cpuOptions: { coreCount: 1, threadsPerCore: 1 },
        disableApiStop: true,
        enclave: true,
        httpTokens: 'optional',
        httpHopLimit: 5,
        httpEndpoint: 'disabled',
        instanceMetadataTags: 'enabled',
        instanceTags: { Name: 'web' },
        networkInterfaceTags: { team: 'blue' },
      });
      const [launched] = await ec2.runInstances(input);
      const ids = [launched?.instanceId ?? ''];
      const [instance] = await until(backEnd, 'the instance runs', async () => {
        const found = await ec2.describeInstances(ids);
        return found[0]?.state === 'running' ? found : null;
      });
      const attributes = instance === undefined ? null : await ec2.readInstanceAttributes(instance);
      await ec2.terminateInstances(ids);
      expect(attributes?.disableApiStop, 'protected from stopping').toBe(true);
      expect(instance).toMatchObject({
        cpu: { coreCount: 1, threadsPerCore: 1 },
        enclaveEnabled: true,
        metadata: { httpTokens: 'optional', hopLimit: 5, httpEndpoint: 'disabled', instanceTags: 'enabled' },
      });
    },
  },
  {
    title:
      'a launch makes several network interfaces, each with its subnet, groups and description; one of them forwards',
    run: async ({ ec2, estate: { imageId, subnetId }, backEnd }) => {
      const groups = (await ec2.describeSecurityGroups()).filter(({ name }) => name === 'default');
      const vpcId = (await ec2.describeSubnets()).find((subnet) => subnet.subnetId === subnetId)?.vpcId;
      const securityGroupIds = groups.filter((group) => group.vpcId === vpcId).map(({ groupId }) => groupId);
      const one = { subnetId, securityGroupIds, privateIp: null, secondaryPrivateIps: [] };
      const furtherInterfaces = [{ ...one, deviceIndex: 1, description: 'back' }];
      const [launched] = await ec2.runInstances(
        launchInput({ imageId, blockDevices: [], subnetId, furtherInterfaces }),
      );
      const ids = [launched?.instanceId ?? ''];
      const [instance] = await until(backEnd, 'the instance runs', async () => {
        const found = await ec2.describeInstances(ids);
        return found[0]?.state === 'running' ? found : null;
      });
      const back = instance?.networkInterfaces.find(({ deviceIndex }) => deviceIndex === 1);
      await ec2.setSourceDestCheck(back?.interfaceId ?? '', false);
      const [changed] = await ec2.describeInstances(ids);
      await ec2.terminateInstances(ids);
      expect(changed?.networkInterfaces.map(({ sourceDestCheck }) => sourceDestCheck)).toEqual([true, false]);
      expect(instance?.networkInterfaces).toMatchObject([
        { deviceIndex: 0, subnetId },
        {
          deviceIndex: 1,
          subnetId,
          description: 'back',
          securityGroups: securityGroupIds.map((groupId) => ({ groupId })),
        },
      ]);
    },
  },
  {
    title: 'a burstable instance pays for CPU as it was launched to',
    run: async ({ ec2, estate: { imageId, subnetId }, backEnd }) => {
      const wish = { imageId, subnetId, blockDevices: [], instanceType: 't3.micro', cpuCredits: 'standard' };
      const [launched] = await ec2.runInstances(launchInput(wish));
      const ids = [launched?.instanceId ?? ''];
      const [instance] = await until(backEnd, 'the instance runs', async () => {
        const found = await ec2.describeInstances(ids);
        return found[0]?.state === 'running' ? found : null;
      });
      const attributes = instance === undefined ? null : await ec2.readInstanceAttributes(instance);
      await ec2.terminateInstances(ids);
      expect(attributes?.cpuCredits, 'its credits').toBe('standard');
    },
  },
  {
    title: 'runInstances with the same token gives the same instances',
    run: async ({ ec2, estate: { imageId, subnetId } }) => {
      const input = launchInput({ imageId, subnetId, blockDevices: [] });
      const [first] = await ec2.runInstances(input);
      const [second] = await ec2.runInstances(input);
      const ids = [...new Set([first?.instanceId ?? '', second?.instanceId ?? ''])];
      await ec2.terminateInstances(ids);
      expect(ids, 'the same instance').toHaveLength(1);
    },
  },
  {
    title: 'an instance stops, starts and ends, and may be told twice',
    run: async ({ ec2, estate: { imageId, subnetId }, backEnd }) => {
      const [launched] = await ec2.runInstances(launchInput({ imageId, subnetId, blockDevices: [] }));
      const ids = [launched?.instanceId ?? ''];
      const reaches = (state: string) =>
        until(backEnd, `the instance is ${state}`, async () => (await ec2.describeInstances(ids))[0]?.state === state);
      await reaches('running');
      expect((await ec2.stopInstances(ids))[0]).toMatchObject({ instanceId: ids[0], current: 'stopping' });
      await reaches('stopped');
      await ec2.stopInstances(ids);
      expect((await ec2.startInstances(ids))[0]?.current).toBe('pending');
      await reaches('running');
      await ec2.terminateInstances(ids);
      await ec2.terminateInstances(ids);
      await reaches('terminated');
    },
  },
  {
    title: 'the root volume of a stopped instance is replaced, and goes with it again',
    run: async ({ ec2, estate, backEnd }) => {
      const { imageId, subnetId, zone } = estate;
      const input = launchInput({ imageId, subnetId, blockDevices: [], userDataBase64: null });
      const [launched] = await ec2.runInstances(input);
      const instanceId = launched?.instanceId ?? '';
      const show = async () => (await ec2.describeInstances([instanceId]))[0];
      const reaches = (state: string) =>
        until(backEnd, `the instance is ${state}`, async () => (await show())?.state === state);
      await reaches('running');
      await ec2.stopInstances([instanceId]);
      await reaches('stopped');
      const device = (await show())?.blockDevices.find(({ deviceName }) => deviceName === '/dev/sda1');
      const awsSnapshotId = await snapshotOf(ec2, backEnd, device?.volumeId ?? '');
      const { volumeId } = await ec2.createVolume(volumeInput({ zone, awsSnapshotId }));
      const isFree = async (id: string) => (await ec2.describeVolumes([id]))[0]?.state === 'available';
      await until(backEnd, 'the new root is available', () => isFree(volumeId));
      await ec2.detachVolume({ volumeId: device?.volumeId ?? '', instanceId });
      await until(backEnd, 'the old root is off', () => isFree(device?.volumeId ?? ''));
      await ec2.attachVolume(volumeId, instanceId, '/dev/sda1');
      const attached = () => show().then((found) => found?.blockDevices.find((each) => each.volumeId === volumeId));
      await until(backEnd, 'the new root is on', async () => (await attached())?.state === 'attached');
      expect((await attached())?.deleteOnTermination).toBe(false);
      await ec2.modifyInstanceBlockDevice({ instanceId, deviceName: '/dev/sda1', deleteOnTermination: true });
      await ec2.modifyInstanceUserData(instanceId, USER_DATA);
      const details = await show();
      if (details === undefined) throw new Error('the instance is gone');
      expect(await ec2.readInstanceAttributes(details)).toMatchObject({ userDataBase64: USER_DATA });
      expect(await ec2.deleteVolume(device?.volumeId ?? '')).toBe('deleted');
      await ec2.startInstances([instanceId]);
      await reaches('running');
      expect(await attached()).toMatchObject({ deviceName: '/dev/sda1' });
      expect((await attached())?.deleteOnTermination, 'goes with its instance').toBe(true);
      await ec2.terminateInstances([instanceId]);
    },
  },
  {
    title: 'createTags adds and replaces tags',
    run: async ({ ec2, estate: { instanceId }, backEnd }) => {
      await ec2.createTags([instanceId], { 'cost centre': 'Köln 7', Name: 'web' });
      await until(backEnd, 'the tags show', async () => {
        const [instance] = await ec2.describeInstances([instanceId]);
        return instance?.tags['cost centre'] === 'Köln 7' && instance.tags['Name'] === 'web';
      });
    },
  },
  {
    title: 'an instance that is protected from termination is ended once the protection is lifted',
    run: async ({ ec2, estate: { imageId, subnetId }, backEnd }) => {
      const [launched] = await ec2.runInstances(launchInput({ imageId, subnetId, blockDevices: [] }));
      const instanceId = launched?.instanceId ?? '';
      const state = async () => (await ec2.describeInstances([instanceId]))[0]?.state;
      await until(backEnd, 'the instance runs', async () => (await state()) === 'running');
      await ec2.setTerminationProtection(instanceId, true);
      expect(await refusalOf(ec2.terminateInstances([instanceId]))).toMatchObject({ class: 'conflict' });
      await ec2.setTerminationProtection(instanceId, false);
      await ec2.terminateInstances([instanceId]);
      await until(backEnd, 'it is gone', async () => [undefined, 'terminated'].includes(await state()));
    },
  },
  {
    title: 'a volume at a device goes with its instance, or not any more',
    run: async ({ ec2, estate: { instanceId, rootVolumeId }, backEnd }) => {
      const shows = (deleteOnTermination: boolean) =>
        until(backEnd, `the root volume goes with the instance: ${deleteOnTermination}`, async () => {
          const [volume] = await ec2.describeVolumes([rootVolumeId]);
          return volume?.attachments[0]?.deleteOnTermination === deleteOnTermination;
        });
      for (const deleteOnTermination of [false, true]) {
        await ec2.modifyInstanceBlockDevice({ instanceId, deviceName: '/dev/sda1', deleteOnTermination });
        await shows(deleteOnTermination);
      }
    },
  },
];
