import type { Instance } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';
import { applyFilters } from './filters.ts';
import { checkForm, find, kinds, ownThings } from './kinds.ts';
import type { Operations } from './operation.ts';
import { typeNamed, type InstanceType } from './type-catalogue.ts';

const checkCredits = (value: string): string => {
  if (value !== 'standard' && value !== 'unlimited') throw invalidValue(value, 'cpuCredits');
  return value;
};

/** How a launch pays for CPU: as asked, else T2 from its credits alone and younger families beyond them; nothing for other types. */
export const creditsFor = (call: Call, type: InstanceType): string | undefined => {
  const asked = call.params.text('CreditSpecification.CpuCredits');
  if (!type.burstable) {
    if (call.params.has('CreditSpecification'))
      throw invalidCombination(`CreditSpecification is not supported for the instance type '${type.name}'.`);
    return undefined;
  }
  if (asked !== undefined) return checkCredits(asked);
  return /^t[12]\./.test(type.name) ? 'standard' : 'unlimited';
};

const show = ({ id, cpuCredits }: Instance): Reply => ({ instanceId: id, cpuCredits });

const describe = (call: Call): Reply => {
  const ids = call.params.texts('InstanceId');
  const named = ids.map((id) => {
    checkForm(kinds.instance, id, 'InstanceId');
    const instance = find(call, kinds.instance, id);
    if (instance.cpuCredits === undefined)
      throw awsError('InvalidInstanceID', `The instance ID '${id}' is not a burstable performance instance.`);
    return instance;
  });
  // Without ids only those that go beyond their credits are listed (EC2 API Reference, DescribeInstanceCreditSpecifications).
  const listed =
    ids.length > 0 ? named : ownThings(call, kinds.instance).filter((each) => each.cpuCredits === 'unlimited');
  const shown = applyFilters(call, listed, { 'instance-id': (instance) => instance.id });
  return { instanceCreditSpecificationSet: shown.map(show) };
};

const modify = (call: Call): Reply => {
  const wishes = call.params.structs('InstanceCreditSpecification');
  const changed = wishes.map((wish) => {
    const instance = find(call, kinds.instance, wish.text('InstanceId') ?? '');
    if (typeNamed(instance.type)?.burstable === true) instance.cpuCredits = checkCredits(wish.text('CpuCredits') ?? '');
    return { instanceId: instance.id };
  });
  return { successfulInstanceCreditSpecificationSet: changed, unsuccessfulInstanceCreditSpecificationSet: [] };
};

/** How instances of burstable types pay for CPU. */
export const cpuCreditOperations: Operations = {
  DescribeInstanceCreditSpecifications: { run: describe },
  ModifyInstanceCreditSpecification: { required: ['InstanceCreditSpecification'], run: modify },
};
