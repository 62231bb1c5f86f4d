import type { Account } from '../iam/records.ts';
import type { Instance, KmsKey, Subnet } from '../state/records.ts';
import type { Region, World } from '../state/world.ts';
import { found, foundAccount, type Place } from './founding.ts';
import type {
  Estate,
  EstateDisk,
  EstateInstance,
  EstateInterface,
  EstateKey,
  EstateRegion,
  EstateVolume,
  EstateVpc,
} from './format.ts';
import { named, securityGroupIds, tagFields, text, type Fields } from './fields.ts';
import { publishImages } from './public-images.ts';
import { settleDatabases } from './settle-databases.ts';

const settleKey = ({ world, region, account }: Place, wish: EstateKey): void => {
  const key: KmsKey = {
    id: wish.id,
    arn: `arn:aws:kms:${region.name}:${account.id}:key/${wish.id}`,
    ownerId: account.id,
    aliases: (wish.aliases ?? []).map((alias) => (alias.startsWith('alias/') ? alias : `alias/${alias}`)),
    state: wish.state ?? 'Enabled',
    allowedAccounts: new Set(wish.allowedAccounts),
    awsManaged: false,
    createdAt: world.clock.now() - 30 * 86_400_000,
  };
  region.kmsKeys.set(key.id, key);
};

const settleVpc = (place: Place, wish: EstateVpc): void => {
  const { vpc } = found(place, {
    action: 'CreateVpc',
    fields: [['CidrBlock', wish.cidr], ...tagFields('vpc', { Name: wish.name })],
  }) as { vpc: { vpcId: string } };
  for (const subnet of wish.subnets) {
    const made = found(place, {
      action: 'CreateSubnet',
      fields: [
        ['VpcId', vpc.vpcId],
        ['CidrBlock', subnet.cidr],
        ['AvailabilityZone', place.region.name + subnet.zone],
        ...tagFields('subnet', { Name: subnet.name }),
      ],
    }) as { subnet: { subnetId: string } };
    const kept = place.region.subnets.get(made.subnet.subnetId);
    if (kept !== undefined) kept.mapPublicIp = subnet.publicIps ?? false;
  }
};

const diskFields = (disk: EstateDisk, at: number): Fields => {
  const prefix = `BlockDeviceMapping.${at + 1}`;
  return [
    [`${prefix}.DeviceName`, disk.device],
    [`${prefix}.Ebs.VolumeSize`, text(disk.sizeGiB)],
    [`${prefix}.Ebs.VolumeType`, disk.type ?? 'gp3'],
    [`${prefix}.Ebs.Iops`, text(disk.iops)],
    [`${prefix}.Ebs.Throughput`, text(disk.throughputMiBps)],
    [`${prefix}.Ebs.Encrypted`, text(disk.encrypted)],
    [`${prefix}.Ebs.KmsKeyId`, disk.kmsKey],
    [`${prefix}.Ebs.DeleteOnTermination`, text(disk.deleteOnTermination)],
  ];
};

const imageId = (region: Region, wanted: string): string => {
  const image = [...region.images.values()].find((one) => one.id === wanted || one.name.startsWith(wanted));
  if (image === undefined) throw new RangeError(`${region.name}: there is no image '${wanted}'`);
  return image.id;
};

const placeFields = (place: Place, wish: EstateInstance): Fields => {
  const subnet: Subnet | undefined =
    wish.subnet === undefined ? undefined : named(place, place.region.subnets.values(), wish.subnet, 'subnet');
  const zone = wish.zone === undefined || subnet !== undefined ? undefined : place.region.name + wish.zone;
  const groups = securityGroupIds(place, wish.securityGroups);
  return [
    ['SubnetId', subnet?.id],
    ['Placement.AvailabilityZone', zone],
    ['Placement.GroupName', wish.placementGroup],
    ['PrivateIpAddress', wish.privateIp],
    ...groups.map((id, at) => [`SecurityGroupId.${at + 1}`, id] as const),
    ...(wish.interfaces ?? []).flatMap((each, at) => interfaceFields(place, each, at)),
  ];
};

const interfaceFields = (place: Place, wish: EstateInterface, at: number): Fields => {
  const prefix = `NetworkInterface.${at + 1}`;
  const addresses = [...(wish.privateIp === undefined ? [] : [wish.privateIp]), ...(wish.secondaryIps ?? [])];
  return [
    [`${prefix}.DeviceIndex`, text(at)],
    [`${prefix}.SubnetId`, named(place, place.region.subnets.values(), wish.subnet, 'subnet').id],
    [`${prefix}.Description`, wish.description],
    ...securityGroupIds(place, wish.securityGroups).map(
      (id, index) => [`${prefix}.SecurityGroupId.${index + 1}`, id] as const,
    ),
    ...addresses.flatMap((ip, index): Fields => [
      [`${prefix}.PrivateIpAddresses.${index + 1}.PrivateIpAddress`, ip],
      [`${prefix}.PrivateIpAddresses.${index + 1}.Primary`, text(ip === wish.privateIp)],
    ]),
  ];
};

const settleInstance = (place: Place, wish: EstateInstance): void => {
  const disks = wish.disks ?? [];
  const { region } = place;
  const ids = [wish.id, ...disks.map((disk) => disk.id)].flatMap((id) => id ?? []);
  const reply = found(place, {
    action: 'RunInstances',
    ids,
    fields: [
      ['ImageId', imageId(region, wish.image)],
      ['InstanceType', wish.type],
      ['MinCount', '1'],
      ['MaxCount', '1'],
      ['KeyName', wish.keyName],
      ['IamInstanceProfile.Name', wish.instanceProfile],
      ['UserData', wish.userData === undefined ? undefined : Buffer.from(wish.userData).toString('base64')],
      ['DisableApiTermination', text(wish.protected)],
      ['HibernationOptions.Configured', text(wish.hibernation)],
      ['CreditSpecification.CpuCredits', wish.cpuCredits],
      ['Placement.Tenancy', wish.tenancy],
      ['MetadataOptions.HttpTokens', wish.metadata?.httpTokens],
      ['MetadataOptions.HttpPutResponseHopLimit', text(wish.metadata?.hopLimit)],
      ['MetadataOptions.InstanceMetadataTags', wish.metadata?.instanceTags],
      ...placeFields(place, wish),
      ...disks.flatMap(diskFields),
      ...tagFields('instance', wish.tags),
    ],
  }) as { instancesSet: readonly { instanceId: string }[] };
  const instance = region.instances.get(reply.instancesSet[0]?.instanceId ?? '');
  for (const disk of disks) {
    const volume = region.volumes.get(instance?.attachments.find((one) => one.device === disk.device)?.volumeId ?? '');
    for (const [key, value] of Object.entries(disk.tags ?? {})) volume?.tags.set(key, value);
    if (volume !== undefined) volume.snapshotsFail = disk.snapshotsFail;
  }
  for (const [at, { checked }] of (wish.interfaces ?? []).entries()) {
    if (instance !== undefined && checked === false) uncheck(place, instance, at);
  }
  if (wish.managed !== undefined && wish.managed !== false && instance !== undefined)
    manage(place, instance, wish.managed === true ? {} : wish.managed);
  if (wish.state === 'stopped' && instance !== undefined) {
    found(place, { action: 'StopInstances', fields: [['InstanceId.1', instance.id]], laterMs: 3_600_000 });
  }
};

const uncheck = (place: Place, instance: Instance, deviceIndex: number): void => {
  const interfaces = [...place.region.networkInterfaces.values()];
  const own = interfaces.find(
    ({ attachment }) => attachment?.instanceId === instance.id && attachment.deviceIndex === deviceIndex,
  );
  found(place, {
    action: 'ModifyNetworkInterfaceAttribute',
    fields: [
      ['NetworkInterfaceId', own?.id],
      ['SourceDestCheck.Value', 'false'],
    ],
  });
};

/** Gives an instance the agent of Systems Manager. */
const manage = ({ region, account }: Place, instance: Instance, wish: { readonly online?: boolean }): void => {
  const isWindows = instance.platform === 'Windows';
  region.agents.set(instance.id, {
    instanceId: instance.id,
    ownerId: account.id,
    platform: isWindows ? 'Windows' : 'Linux',
    platformName: isWindows ? 'Microsoft Windows Server 2022 Datacenter' : 'Amazon Linux',
    platformVersion: isWindows ? '10.0.20348' : '2023',
    agentVersion: '3.3.1957.0',
    registeredAt: instance.createdAt,
    online: wish.online ?? true,
  });
};

const settleVolume = (place: Place, wish: EstateVolume): void => {
  const made = found(place, {
    action: 'CreateVolume',
    ids: wish.id === undefined ? [] : [wish.id],
    fields: [
      ['AvailabilityZone', place.region.name + wish.zone],
      ['Size', text(wish.sizeGiB)],
      ['VolumeType', wish.type ?? 'gp3'],
      ['Iops', text(wish.iops)],
      ['Throughput', text(wish.throughputMiBps)],
      ['Encrypted', text(wish.encrypted)],
      ['KmsKeyId', wish.kmsKey],
      ...tagFields('volume', wish.tags),
    ],
  }) as { volumeId: string };
  const volume = place.region.volumes.get(made.volumeId);
  if (volume !== undefined) volume.snapshotsFail = wish.snapshotsFail;
};

const settleGroups = (place: Place, wish: EstateRegion): void => {
  for (const group of wish.securityGroups ?? []) {
    const vpc = group.vpc === undefined ? undefined : named(place, place.region.vpcs.values(), group.vpc, 'VPC');
    found(place, {
      action: 'CreateSecurityGroup',
      fields: [
        ['GroupName', group.name],
        ['GroupDescription', group.description ?? group.name],
        ['VpcId', vpc?.id],
      ],
    });
  }
  for (const { name, strategy } of wish.placementGroups ?? [])
    found(place, {
      action: 'CreatePlacementGroup',
      fields: [
        ['GroupName', name],
        ['Strategy', strategy],
      ],
    });
};

const settleRegion = (place: Place, wish: EstateRegion): void => {
  if (wish.encryptionByDefault === true) place.region.encryptedByDefault.add(place.account.id);
  for (const key of wish.kmsKeys ?? []) settleKey(place, key);
  for (const name of wish.keyPairs ?? []) found(place, { action: 'CreateKeyPair', fields: [['KeyName', name]] });
  for (const vpc of wish.vpcs ?? []) settleVpc(place, vpc);
  settleGroups(place, wish);
  for (const instance of wish.instances ?? []) settleInstance(place, instance);
  for (const volume of wish.volumes ?? []) settleVolume(place, volume);
  settleDatabases(place, wish);
};

const settleAccount = (world: World, account: Account, regions: Readonly<Record<string, EstateRegion>>): void => {
  for (const [name, wish] of Object.entries(regions)) {
    const region = world.regions.get(name);
    if (region === undefined) throw new RangeError(`account ${account.id} names the unknown region '${name}'`);
    settleRegion({ world, account, region }, wish);
  }
};

/** Fills a new world with what the estate says. Throws when AWS would refuse one of its things. */
export const settleEstate = (world: World, estate: Estate): void => {
  publishImages(world);
  const accounts = estate.accounts.map((wish) => ({ wish, account: foundAccount(world, wish) }));
  for (const { wish, account } of accounts) settleAccount(world, account, wish.regions ?? {});
};
