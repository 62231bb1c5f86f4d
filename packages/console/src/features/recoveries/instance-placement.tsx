import { Autocomplete, NativeSelect, TagsInput } from '@mantine/core';
import { FieldRow } from '../../ui/form.tsx';
import { ChoiceField, OptionalText } from './choice-fields.tsx';
import { asBackedUp } from './form-parts.ts';
import {
  changeGroups,
  chosenVpc,
  groupOptions,
  groupsInVpc,
  placementGroupOptions,
  subnetOptions,
} from './instance-network.ts';
import type { InstancePartProps } from './recover-instance-form.tsx';
import classes from './recover-form.module.css';
import { recordedInstance } from './volume-shape.ts';

const PUBLIC_ADDRESS = [
  { value: 'subnet', label: 'As the subnet has it' },
  { value: 'yes', label: 'Assign one' },
  { value: 'no', label: 'None' },
];

/** Where the instance is placed, its addresses, and the security groups that can be had there (REC-4). */
export function InstancePlacement({ form, source: { resource, choices } }: InstancePartProps) {
  const { values, getInputProps } = form;
  const recorded = recordedInstance(resource);
  const { placement, count, without } = values;
  return (
    <div className={classes.fields}>
      <FieldRow>
        <NativeSelect
          label="Placement"
          data={[
            { value: 'original', label: asBackedUp(recorded?.placement.zone ?? resource.zone) },
            { value: 'zone', label: 'By availability zone' },
            { value: 'subnet', label: 'By VPC subnet' },
            { value: 'group', label: 'By placement group' },
          ]}
          {...getInputProps('placement')}
        />
        {placement === 'zone' && (
          <Autocomplete
            label="Zone"
            required
            description="In its default subnet."
            data={choices.zones}
            {...getInputProps('zone')}
          />
        )}
        {placement === 'group' && (
          <Autocomplete
            label="Placement group"
            required
            placeholder={recorded?.placement.groupName ?? ''}
            data={[...placementGroupOptions(choices)]}
            limit={100}
            spellCheck={false}
            {...getInputProps('placementGroup')}
          />
        )}
        {(placement === 'subnet' || placement === 'group') && (
          <Autocomplete
            label="Subnet"
            required={placement === 'subnet'}
            placeholder={asBackedUp(recorded?.subnetId)}
            description="Choose one or type its id."
            data={[...subnetOptions(choices)]}
            limit={100}
            clearable
            clearButtonProps={{ 'aria-label': 'Subnet as backed up' }}
            {...getInputProps('subnetId')}
          />
        )}
      </FieldRow>
      <FieldRow>
        <OptionalText
          getInputProps={getInputProps}
          path="privateIp"
          label="Private address"
          placeholder={Number(count) > 1 ? 'AWS chooses them' : asBackedUp(recorded?.privateIp)}
          description="Must be free in the subnet; the original's is kept where it is."
          disabled={Number(count) > 1}
          without={{ path: 'without.privateIp', label: 'Any free address', isChosen: without.privateIp }}
        />
        <ChoiceField
          getInputProps={getInputProps}
          path="associatePublicIp"
          label="Public address"
          recorded={null}
          options={PUBLIC_ADDRESS}
        />
      </FieldRow>
      <SecurityGroups form={form} choices={choices} recorded={recorded} />
    </div>
  );
}

type GroupsProps = Pick<InstancePartProps, 'form'> & {
  readonly choices: InstancePartProps['source']['choices'];
  readonly recorded: ReturnType<typeof recordedInstance>;
};

function SecurityGroups({ form, choices, recorded }: GroupsProps) {
  const picked = form.values.securityGroupIds;
  const vpcId = chosenVpc(form.values, choices, recorded?.vpcId ?? null);
  const shown = groupsInVpc(picked, choices, vpcId);
  const aside = picked.length - shown.length;
  const of = vpcId === null ? 'Choose groups or type their ids.' : `Groups of ${vpcId}, or type their ids.`;
  return (
    <TagsInput
      label="Security groups"
      placeholder={
        shown.length === 0 ? asBackedUp(recorded?.securityGroups.map(({ groupName }) => groupName).join(', ')) : ''
      }
      description={aside === 0 ? of : `${of} ${aside} chosen for another network: they count again there.`}
      data={[...groupOptions(choices, vpcId)]}
      limit={100}
      clearable
      clearButtonProps={{ 'aria-label': 'Security groups as backed up' }}
      {...form.getInputProps('securityGroupIds')}
      value={shown}
      onChange={(next) => form.setFieldValue('securityGroupIds', changeGroups(picked, shown, next))}
    />
  );
}
