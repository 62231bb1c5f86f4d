import { imageState, instanceState } from '../state/lifecycle.ts';
import type { Image, MetadataOptions } from '../state/records.ts';
import type { Call } from '../wire/call.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';
import { demandPassRole } from './authorize.ts';
import { checkForm, find, kinds, ownThings } from './kinds.ts';
import { typeNamed, type InstanceType } from './type-catalogue.ts';

/** The image to launch. Throws InvalidAMIID.NotFound, .Malformed or .Unavailable. */
export const imageFor = (call: Call): Image => {
  const id = call.params.requiredText('ImageId');
  checkForm(kinds.image, id, 'ImageId');
  const image = find(call, kinds.image, id);
  if (imageState(image, call.now) !== 'available')
    throw awsError('InvalidAMIID.Unavailable', `The image ID '${id}' is not available`);
  return image;
};

/** The instance type by name. Throws InvalidParameterValue. */
export const typeFor = (name: string): InstanceType => {
  const type = typeNamed(name);
  if (type === undefined) throw awsError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
  return type;
};

const checkBootMode = (type: InstanceType, image: Image): void => {
  const mode = image.bootMode;
  if (mode !== undefined && mode !== 'uefi-preferred' && !type.bootModes.includes(mode)) {
    throw awsError(
      'InvalidParameterValue',
      `The boot mode '${mode}' of the AMI is not supported by the instance type '${type.name}'.`,
    );
  }
  if (image.tpmSupport !== undefined && !type.nitro)
    throw awsError('InvalidParameterCombination', `The instance type '${type.name}' does not support NitroTPM.`);
};

/** Whether the type can boot the image: architecture, virtualization, network driver and firmware must fit. */
export const checkBootable = (type: InstanceType, image: Image): void => {
  if (!type.architectures.includes(image.architecture)) {
    throw awsError(
      'InvalidParameterValue',
      `The architecture '${type.architectures.join(',')}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.`,
    );
  }
  if (image.virtualizationType === 'paravirtual' && !type.paravirtual) {
    throw invalidCombination(
      `Non-HVM images cannot be launched on the instance type '${type.name}': virtualization type 'hvm' is required for it.`,
    );
  }
  if (type.nitro && !image.enaSupport) {
    throw invalidCombination(
      `Enhanced networking with the Elastic Network Adapter (ENA) is required for the '${type.name}' instance type. Ensure that your AMI is enabled for ENA.`,
    );
  }
  checkBootMode(type, image);
};

/** How many to launch: at least and at most. */
export const countsOf = (call: Call): { readonly least: number; readonly most: number } => {
  const least = call.params.integer('MinCount') ?? 1;
  const most = call.params.integer('MaxCount') ?? 1;
  if (least < 1)
    throw awsError(
      'InvalidParameterValue',
      `Value (${least}) for parameter minCount is invalid. The value must be at least 1.`,
    );
  if (most < least)
    throw awsError('InvalidParameterCombination', 'The value for MaxCount must not be smaller than MinCount.');
  return { least, most };
};

/** Throws VcpuLimitExceeded when that many more would be too many. */
export const checkVcpus = (call: Call, type: InstanceType, count: number): void => {
  const { quotas, vcpusPerRegion } = call.world.settings.limits;
  if (!quotas) return;
  const live = ownThings(call, kinds.instance).filter((one) =>
    ['pending', 'running'].includes(instanceState(one, call.now)),
  );
  const used = live.reduce((sum, one) => sum + (typeNamed(one.type)?.vcpus ?? 0), 0);
  if (used + type.vcpus * count > vcpusPerRegion) {
    throw awsError(
      'VcpuLimitExceeded',
      `You have requested more vCPU capacity than your current vCPU limit of ${vcpusPerRegion} allows for the instance bucket that the specified instance type belongs to.`,
    );
  }
};

/** The user data, still base64. Throws for text that is not base64 or longer than 16 KB raw. */
export const checkUserData = (userData: string | undefined): string | undefined => {
  if (userData === undefined || userData === '') return undefined;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(userData))
    throw awsError('InvalidParameterValue', 'Invalid BASE64 encoding of user data.');
  if (Buffer.from(userData, 'base64').length > 16_384)
    throw awsError('InvalidParameterValue', 'User data is limited to 16384 bytes');
  return userData;
};

/** The ARN of the instance profile the request names; the caller must be allowed to pass its role. */
export const profileFor = (call: Call): string | undefined => {
  const arn = call.params.text('IamInstanceProfile.Arn');
  const name = call.params.text('IamInstanceProfile.Name');
  if (arn === undefined && name === undefined) return undefined;
  if (arn !== undefined && name !== undefined)
    throw invalidCombination(
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  const profile = [...call.caller.account.instanceProfiles.values()].find(
    (one) => one.arn === arn || one.name === name,
  );
  if (profile === undefined) {
    const kind = name === undefined ? 'arn' : 'name';
    throw invalidValue(
      name ?? arn ?? '',
      `iamInstanceProfile.${kind}`,
      `Invalid IAM Instance Profile ${kind === 'arn' ? 'ARN' : 'name'}`,
    );
  }
  const role = profile.roleName === undefined ? undefined : call.caller.account.roles.get(profile.roleName);
  if (role !== undefined) demandPassRole(call, role.arn);
  return profile.arn;
};

const oneOf = (value: string | undefined, allowed: readonly string[], parameter: string): string | undefined => {
  if (value !== undefined && !allowed.includes(value)) throw invalidValue(value, parameter);
  return value;
};

const switches = ['enabled', 'disabled'];

/** Metadata options after a request: what it leaves out stays as it was. */
export const readMetadataOptions = (call: Call, prefix: string, before: MetadataOptions): MetadataOptions => {
  const text = (name: string): string | undefined => call.params.text(`${prefix}${name}`);
  const hopLimit = call.params.integer(`${prefix}HttpPutResponseHopLimit`);
  if (hopLimit !== undefined && (hopLimit < 1 || hopLimit > 64))
    throw invalidValue(hopLimit, 'httpPutResponseHopLimit', 'Expected 1 to 64.');
  return {
    httpTokens: oneOf(text('HttpTokens'), ['optional', 'required'], 'httpTokens') ?? before.httpTokens,
    hopLimit: hopLimit ?? before.hopLimit,
    httpEndpoint: oneOf(text('HttpEndpoint'), switches, 'httpEndpoint') ?? before.httpEndpoint,
    httpProtocolIpv6: oneOf(text('HttpProtocolIpv6'), switches, 'httpProtocolIpv6') ?? before.httpProtocolIpv6,
    instanceTags: oneOf(text('InstanceMetadataTags'), switches, 'instanceMetadataTags') ?? before.instanceTags,
  };
};

/** What an instance of the image gets when the request says nothing. */
export const defaultMetadataOptions = (image: Pick<Image, 'imdsSupport'>): MetadataOptions => ({
  httpTokens: image.imdsSupport === 'v2.0' ? 'required' : 'optional',
  hopLimit: image.imdsSupport === 'v2.0' ? 2 : 1,
  httpEndpoint: 'enabled',
  httpProtocolIpv6: 'disabled',
  instanceTags: 'disabled',
});

/** Placement as asked for. Throws for an unknown tenancy or a host without an id. */
export const readTenancy = (call: Call): { readonly tenancy: string; readonly hostId: string | undefined } => {
  const tenancy =
    oneOf(call.params.text('Placement.Tenancy'), ['default', 'dedicated', 'host'], 'tenancy') ?? 'default';
  const hostId = call.params.text('Placement.HostId');
  if (hostId !== undefined && tenancy !== 'host') throw invalidCombination('A host id needs the tenancy host.');
  return { tenancy, hostId };
};
