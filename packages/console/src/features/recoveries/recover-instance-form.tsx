import type { Snapshot } from '@cpm/contract';
import { Autocomplete, Checkbox, NativeSelect, NumberInput, TagsInput, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call, newIdempotencyKey } from '../../app/api.ts';
import { FieldRow, fieldProblems, FormFrame, showFieldProblems, toErrors } from '../../ui/form.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { Panel } from '../../ui/page.tsx';
import {
  chosenVpc,
  groupOptions,
  initialInstance,
  asInForm,
  instanceInput,
  instanceProblems,
  launchSnapshots,
  subnetOptions,
  type InstanceValues,
} from './instance-values.ts';
import classes from './recover-form.module.css';
import type { RecoverySource } from './recovery-frame.tsx';
import { ShapeFields } from './shape-fields.tsx';
import { recordedInstance, recordedVolume } from './volume-shape.ts';

type InstanceForm = UseFormReturnType<InstanceValues>;
type PartProps = { readonly form: InstanceForm; readonly source: RecoverySource };

/** How the instance is launched; what is left empty is as it was backed up. */
export function RecoverInstanceForm(source: RecoverySource) {
  const { backup, resource, choices } = source;
  const recordedVpc = recordedInstance(resource)?.vpcId ?? null;
  const form: InstanceForm = useForm<InstanceValues>({
    initialValues: initialInstance(resource),
    validate: (values) => {
      const vpcId = chosenVpc(values, choices, recordedVpc);
      return toErrors(instanceProblems(values, { resource, choices, vpcId }));
    },
  });
  const recover = useRecoverInstance(backup.id, resource.id);
  const snapshots = launchSnapshots(resource);
  const count = Number(form.values.count);
  const submit = (values: InstanceValues) =>
    recover.mutate(values, {
      onError: (error) => showFieldProblems(form.setErrors, fieldProblems(error).map(asInForm)),
    });
  return (
    <FormFrame
      label="Recover the instance"
      submitLabel={count > 1 ? `Launch ${count} instances` : 'Launch the instance'}
      error={recover.error}
      errors={form.errors}
      fieldNames={(path) => nameOfField(path, snapshots)}
      isBusy={recover.isPending}
      onSubmit={form.onSubmit(submit)}
      cancel={
        <ButtonLink to="/backups/$backupId" params={{ backupId: backup.id }} variant="default">
          Cancel
        </ButtonLink>
      }
    >
      <Panel title="Instance">
        <LaunchFields form={form} source={source} />
      </Panel>
      <Panel title="Network">
        <NetworkFields form={form} source={source} />
      </Panel>
      {snapshots.map((snapshot, index) => (
        <VolumePanel key={snapshot.id} {...{ form, source, snapshot, index }} />
      ))}
    </FormFrame>
  );
}

function useRecoverInstance(backupId: string, resourceId: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (values: InstanceValues) =>
      call('POST /backups/:backupId/recoveries/instances', {
        params: { backupId },
        body: instanceInput(resourceId, values),
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: async ({ id }) => {
      void client.invalidateQueries({ queryKey: ['recoveries'] });
      await navigate({ to: '/recoveries/$recoveryId', params: { recoveryId: id } });
    },
  });
}

const FIELD_NAMES: Record<string, string> = {
  count: 'How many',
  instanceType: 'Instance type',
  keyName: 'Key pair',
  subnet: 'Subnet',
  privateIp: 'Private address',
  securityGroups: 'Security groups',
  sizeGiB: 'size',
  iops: 'IOPS',
  throughputMiBps: 'throughput',
};

function nameOfField(path: string, snapshots: readonly Snapshot[]): string {
  const [, index, field = ''] = /^volumes\.(\d+)\.(.*)$/.exec(path) ?? [];
  if (index === undefined) return FIELD_NAMES[path] ?? (path === '' ? 'Recovery' : path);
  return `${snapshots[Number(index)]?.sourceId ?? 'Volume'}, ${FIELD_NAMES[field] ?? field}`;
}

const asBackedUp = (value: string | null | undefined) => (value ? `As backed up: ${value}` : 'As backed up');

function LaunchFields({ form, source: { resource, choices } }: PartProps) {
  const recorded = recordedInstance(resource);
  return (
    <div className={classes.fields}>
      <FieldRow>
        <NumberInput
          label="How many"
          min={1}
          max={20}
          clampBehavior="none"
          allowDecimal={false}
          {...form.getInputProps('count')}
        />
        <TextInput
          label="Instance type"
          placeholder={asBackedUp(resource.instanceType)}
          spellCheck={false}
          {...form.getInputProps('instanceType')}
        />
        <Autocomplete
          label="Key pair"
          placeholder={form.values.hasNoKey ? 'None' : asBackedUp(recorded?.keyName)}
          data={[...new Set(choices.keyPairs)]}
          disabled={form.values.hasNoKey}
          clearable
          clearButtonProps={{ 'aria-label': 'Key pair as backed up' }}
          {...form.getInputProps('keyName')}
        />
      </FieldRow>
      <Checkbox label="Launch without a key pair" {...form.getInputProps('hasNoKey', { type: 'checkbox' })} />
      <Checkbox
        label="Give it the tags of the original"
        {...form.getInputProps('preserveTags', { type: 'checkbox' })}
      />
    </div>
  );
}

function NetworkFields({ form, source: { resource, choices } }: PartProps) {
  const recorded = recordedInstance(resource);
  const vpcId = chosenVpc(form.values, choices, recorded?.vpcId ?? null);
  return (
    <div className={classes.fields}>
      <FieldRow>
        <Autocomplete
          label="Subnet"
          placeholder={asBackedUp(recorded?.subnetId)}
          description="Choose one or type its id."
          data={[...subnetOptions(choices)]}
          clearable
          clearButtonProps={{ 'aria-label': 'Subnet as backed up' }}
          {...form.getInputProps('subnet')}
        />
        <TextInput
          label="Private address"
          placeholder="AWS chooses one"
          description="A free address of the subnet."
          disabled={Number(form.values.count) > 1}
          {...form.getInputProps('privateIp')}
        />
      </FieldRow>
      <TagsInput
        label="Security groups"
        placeholder={
          form.values.securityGroups.length === 0
            ? asBackedUp(recorded?.securityGroups.map(({ groupName }) => groupName).join(', '))
            : ''
        }
        description={vpcId === null ? 'Choose groups or type their ids.' : `Groups of ${vpcId}, or type their ids.`}
        data={[...groupOptions(choices, vpcId)]}
        clearable
        clearButtonProps={{ 'aria-label': 'Security groups as backed up' }}
        {...form.getInputProps('securityGroups')}
      />
    </div>
  );
}

type VolumePanelProps = PartProps & { readonly snapshot: Snapshot; readonly index: number };

function VolumePanel({ form, source: { resource }, snapshot, index }: VolumePanelProps) {
  const path = `volumes.${index}`;
  const { sourceId, device, isRoot, sizeGiB } = snapshot;
  const name = [sourceId, device, `${sizeGiB} GiB`].filter(Boolean).join(' · ');
  const isRecovered = form.values.volumes[index]?.isRecovered ?? false;
  return (
    <Panel>
      {isRoot ? (
        <p className={classes.chosen}>Root volume {name}</p>
      ) : (
        <Checkbox
          className={classes.chosen}
          label={`Data volume ${name}`}
          {...form.getInputProps(`${path}.isRecovered`, { type: 'checkbox' })}
        />
      )}
      {isRecovered && (
        <div className={classes.fields}>
          <FieldRow>
            <ShapeFields
              getInputProps={form.getInputProps}
              path={path}
              snapshot={snapshot}
              recorded={recordedVolume(resource, snapshot)}
            />
            {!isRoot && (
              <TextInput label="Device" placeholder={asBackedUp(device)} {...form.getInputProps(`${path}.device`)} />
            )}
            <NativeSelect
              label="When the instance is terminated"
              data={[
                { value: '', label: 'As backed up' },
                { value: 'yes', label: 'The volume goes too' },
                { value: 'no', label: 'The volume stays' },
              ]}
              {...form.getInputProps(`${path}.deleteOnTermination`)}
            />
          </FieldRow>
        </div>
      )}
    </Panel>
  );
}
