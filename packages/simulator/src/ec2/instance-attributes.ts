import { instanceState, liveAttachments } from '../state/lifecycle.ts';
import type { Instance, NetworkInterface } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';
import { checkForm, find, findById, kinds } from './kinds.ts';
import { checkUserData, readMetadataOptions, typeFor } from './launch-rules.ts';
import { showProductCodes } from './make-image.ts';
import type { Operations } from './operation.ts';
import { interfacesOf, isChecked, showDisks, showGroups, showMetadataOptions } from './show-instance.ts';

const readers: Readonly<Record<string, (call: Call, instance: Instance) => Reply>> = {
  blockDeviceMapping: (call, instance) => ({ blockDeviceMapping: showDisks(call, instance) }),
  disableApiTermination: (_, instance) => ({ disableApiTermination: { value: instance.protectedFromTermination } }),
  disableApiStop: (_, instance) => ({ disableApiStop: { value: instance.protectedFromStop } }),
  ebsOptimized: (_, instance) => ({ ebsOptimized: { value: instance.ebsOptimized } }),
  enaSupport: (_, instance) => ({ enaSupport: { value: instance.enaSupport } }),
  enclaveOptions: (_, instance) => ({ enclaveOptions: { enabled: instance.enclaveEnabled } }),
  groupSet: (call, instance) => ({ groupSet: showGroups(call, interfacesOf(call, instance)[0]?.groupIds ?? []) }),
  instanceInitiatedShutdownBehavior: (_, instance) => ({
    instanceInitiatedShutdownBehavior: { value: instance.shutdownBehaviour },
  }),
  instanceType: (_, instance) => ({ instanceType: { value: instance.type } }),
  kernel: (_, instance) => ({ kernel: { value: instance.kernelId } }),
  productCodes: (_, instance) => ({ productCodes: showProductCodes(instance.productCodes) }),
  ramdisk: (_, instance) => ({ ramdisk: { value: instance.ramdiskId } }),
  rootDeviceName: (_, instance) => ({ rootDeviceName: { value: instance.rootDeviceName } }),
  sourceDestCheck: (call, instance) => ({ sourceDestCheck: { value: isChecked(call, instance) } }),
  sriovNetSupport: (_, instance) => ({ sriovNetSupport: { value: instance.sriovNetSupport } }),
  userData: (_, instance) => ({ userData: { value: instance.userData } }),
};

const describe = (call: Call): Reply => {
  const instance = findById(call, kinds.instance, 'InstanceId');
  const attribute = call.params.requiredText('Attribute');
  const read = Object.hasOwn(readers, attribute) ? readers[attribute] : undefined;
  if (read === undefined) throw invalidValue(attribute, 'attribute', 'Unknown attribute.');
  return { instanceId: instance.id, ...read(call, instance) };
};

const asFlag = (value: string, name: string): boolean => {
  if (!/^(?:true|false)$/i.test(value)) throw invalidValue(value, name, 'Expected a boolean.');
  return value.toLowerCase() === 'true';
};

const demandStopped = (call: Call, instance: Instance, attribute: string): void => {
  const state = instanceState(instance, call.now);
  if (state !== 'stopped') {
    throw awsError(
      'IncorrectInstanceState',
      `The instance '${instance.id}' is not in the 'stopped' state; its ${attribute} cannot be changed while it is '${state}'.`,
    );
  }
};

const setShutdown = (instance: Instance, value: string): void => {
  if (value !== 'stop' && value !== 'terminate') throw invalidValue(value, 'instanceInitiatedShutdownBehavior');
  instance.shutdownBehaviour = value;
};

const setType = (call: Call, instance: Instance, value: string): void => {
  demandStopped(call, instance, 'instanceType');
  const type = typeFor(value);
  if (!type.architectures.includes(instance.architecture)) {
    throw awsError(
      'InvalidParameterCombination',
      `The instance type '${value}' does not support the architecture '${instance.architecture}'.`,
    );
  }
  if (type.nitro && !instance.enaSupport)
    throw invalidCombination(
      `Enhanced networking with the Elastic Network Adapter (ENA) is required for the '${value}' instance type.`,
    );
  instance.type = type.name;
};

/** The one network interface that a change of its instance is meant for: of several none is. */
const onlyInterface = (call: Call, instance: Instance): NetworkInterface => {
  const [first, ...others] = interfacesOf(call, instance);
  if (first === undefined || others.length > 0) {
    throw awsError(
      'InvalidInstanceID',
      `There are multiple interfaces attached to instance '${instance.id}'. Please specify an interface ID for the operation instead.`,
    );
  }
  return first;
};

const setters: Readonly<Record<string, (call: Call, instance: Instance, value: string) => void>> = {
  disableApiTermination: (_, instance, value) => {
    instance.protectedFromTermination = asFlag(value, 'disableApiTermination');
  },
  disableApiStop: (_, instance, value) => {
    instance.protectedFromStop = asFlag(value, 'disableApiStop');
  },
  ebsOptimized: (call, instance, value) => {
    demandStopped(call, instance, 'ebsOptimized');
    instance.ebsOptimized = asFlag(value, 'ebsOptimized');
  },
  enaSupport: (call, instance, value) => {
    demandStopped(call, instance, 'enaSupport');
    instance.enaSupport = asFlag(value, 'enaSupport');
  },
  instanceInitiatedShutdownBehavior: (_, instance, value) => setShutdown(instance, value),
  instanceType: setType,
  kernel: (call, instance, value) => {
    demandStopped(call, instance, 'kernel');
    instance.kernelId = value;
  },
  ramdisk: (call, instance, value) => {
    demandStopped(call, instance, 'ramdisk');
    instance.ramdiskId = value;
  },
  sourceDestCheck: (call, instance, value) => {
    onlyInterface(call, instance).sourceDestCheck = asFlag(value, 'sourceDestCheck');
  },
  sriovNetSupport: (call, instance, value) => {
    demandStopped(call, instance, 'sriovNetSupport');
    if (value !== 'simple') throw invalidValue(value, 'sriovNetSupport');
    instance.sriovNetSupport = value;
  },
  userData: (call, instance, value) => {
    demandStopped(call, instance, 'userData');
    instance.userData = checkUserData(value);
  },
};

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const setDisks = (call: Call, instance: Instance): boolean => {
  const mappings = call.params.structs('BlockDeviceMapping');
  for (const mapping of mappings) {
    const device = mapping.text('DeviceName');
    const attachment = liveAttachments(instance.attachments, call.now).find((one) => one.device === device);
    if (attachment === undefined) {
      throw awsError('InvalidInstanceAttributeValue', `No device is currently mapped at ${device ?? ''}`);
    }
    attachment.deleteOnTermination = mapping.flag('Ebs.DeleteOnTermination') ?? attachment.deleteOnTermination;
  }
  return mappings.length > 0;
};

const setGroups = (call: Call, instance: Instance): boolean => {
  const ids = call.params.texts('GroupId');
  const [first] = interfacesOf(call, instance);
  for (const id of ids) {
    checkForm(kinds.securityGroup, id, 'GroupId');
    if (find(call, kinds.securityGroup, id).vpcId !== instance.vpcId)
      throw awsError('InvalidGroup.NotFound', 'You have specified two resources that belong to different networks.');
  }
  if (ids.length > 0 && first !== undefined) first.groupIds = [...new Set(ids)];
  return ids.length > 0;
};

const modify = (call: Call): Reply => {
  const instance = findById(call, kinds.instance, 'InstanceId');
  const state = instanceState(instance, call.now);
  if (state === 'terminated' || state === 'shutting-down') {
    throw awsError('IncorrectInstanceState', `The instance '${instance.id}' is in the '${state}' state.`);
  }
  const attribute = call.params.text('Attribute');
  const wanted = Object.keys(setters).flatMap((name) => {
    const value = name === attribute ? call.params.text('Value') : call.params.text(`${upperFirst(name)}.Value`);
    return value === undefined ? [] : [{ name, value }];
  });
  const named = [
    ...wanted.map(({ name }) => name),
    ...(call.params.structs('BlockDeviceMapping').length > 0 ? ['blockDeviceMapping'] : []),
    ...(call.params.texts('GroupId').length > 0 ? ['groupSet'] : []),
  ];
  if (named.length > 1) throw invalidCombination(`Fields for multiple attribute types specified: ${named.join(', ')}`);
  for (const { name, value } of wanted) setters[name]?.(call, instance, value);
  const disks = setDisks(call, instance);
  const groups = setGroups(call, instance);
  if (wanted.length === 0 && !disks && !groups) throw invalidCombination('No attributes specified.');
  return { return: true };
};

const reset = (call: Call): Reply => {
  const instance = findById(call, kinds.instance, 'InstanceId');
  const attribute = call.params.requiredText('Attribute');
  if (attribute === 'sourceDestCheck') onlyInterface(call, instance).sourceDestCheck = true;
  else if (attribute === 'kernel') instance.kernelId = undefined;
  else if (attribute === 'ramdisk') instance.ramdiskId = undefined;
  else throw invalidValue(attribute, 'attribute');
  return { return: true };
};

const modifyMetadata = (call: Call): Reply => {
  const instance = findById(call, kinds.instance, 'InstanceId');
  instance.metadataOptions = readMetadataOptions(call, '', instance.metadataOptions);
  return { instanceId: instance.id, instanceMetadataOptions: showMetadataOptions(instance) };
};

/** The attributes of an instance, one by one. */
export const instanceAttributeOperations: Operations = {
  DescribeInstanceAttribute: { required: ['InstanceId', 'Attribute'], targets: ['InstanceId'], run: describe },
  ModifyInstanceAttribute: { required: ['InstanceId'], targets: ['InstanceId'], run: modify },
  ResetInstanceAttribute: { required: ['InstanceId', 'Attribute'], targets: ['InstanceId'], run: reset },
  ModifyInstanceMetadataOptions: { required: ['InstanceId'], targets: ['InstanceId'], run: modifyMetadata },
};
