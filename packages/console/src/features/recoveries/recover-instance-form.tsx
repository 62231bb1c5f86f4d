import { useForm, type UseFormReturnType } from '@mantine/form';
import { call } from '../../app/api.ts';
import { toErrors } from '../../ui/form.tsx';
import { Panel } from '../../ui/page.tsx';
import { CredentialsFields } from './credentials-fields.tsx';
import { InstanceAdvanced } from './instance-advanced.tsx';
import { InstanceBasics } from './instance-basics.tsx';
import { instanceInput, usesImage } from './instance-input.ts';
import { chosenVpc, groupsInVpc } from './instance-network.ts';
import { instanceFormPath, instanceProblems, nameOfInstanceField } from './instance-problems.ts';
import { initialInstance, launchSnapshots, type InstanceValues } from './instance-values.ts';
import { InstanceVolumePanel } from './instance-volume-panel.tsx';
import { usualLaunchOf } from './launch-options.ts';
import { RecoveryForm } from './recovery-form.tsx';
import type { RecoverySource } from './recovery-frame.tsx';
import { recordedInstance } from './volume-shape.ts';

/** What every part of the instance form is handed. */
export type InstancePartProps = {
  readonly form: UseFormReturnType<InstanceValues>;
  readonly source: RecoverySource;
};

/** How the instance is launched; what is left as it is will be as it was backed up. */
export function RecoverInstanceForm(source: RecoverySource) {
  const { backup, resource } = source;
  const form = useForm<InstanceValues>({
    initialValues: initialInstance(resource),
    validate: (values) => toErrors(instanceProblems(values, resource)),
  });
  const snapshots = launchSnapshots(resource);
  const params = { backupId: backup.id };
  return (
    <RecoveryForm
      label="Recover the instance"
      backupId={backup.id}
      form={form}
      body={bodyOf(form.values, source)}
      calls={{
        plan: (body) => call('POST /backups/:backupId/recovery-plans/instances', { params, body }),
        start: (body, idempotencyKey) =>
          call('POST /backups/:backupId/recoveries/instances', { params, body, idempotencyKey }),
        path: `/backups/${backup.id}/recoveries/instances`,
      }}
      asInForm={instanceFormPath}
      fieldNames={(path) =>
        nameOfInstanceField(
          path,
          snapshots.map(({ sourceId }) => sourceId),
        )
      }
      startLabel={startLabel(form.values, usesImage(form.values, usualLaunchOf(resource)))}
      typedName={resource.resourceName || resource.resourceId}
    >
      <Panel title="Instance">
        <InstanceBasics form={form} source={source} />
      </Panel>
      {snapshots.map((snapshot, index) => (
        <InstanceVolumePanel key={snapshot.id} {...{ form, source, snapshot, index }} />
      ))}
      <InstanceAdvanced form={form} source={source} />
      <CredentialsFields getInputProps={form.getInputProps} values={form.values.credentials} />
    </RecoveryForm>
  );
}

function bodyOf(values: InstanceValues, { resource, choices, place }: RecoverySource) {
  const recorded = recordedInstance(resource);
  const vpcId = chosenVpc(values, choices, recorded?.vpcId ?? null);
  return instanceInput(values, {
    resourceId: resource.id,
    place,
    groups: groupsInVpc(values.securityGroupIds, choices, vpcId),
    wasInGroup: (recorded?.placement.groupName ?? null) !== null,
    usualLaunch: usualLaunchOf(resource),
  });
}

function startLabel({ count, imageHandling }: InstanceValues, isFromImage: boolean): string {
  if (imageHandling === 'create-only' && !isFromImage) return 'Make the image';
  return Number(count) > 1 ? `Recover ${count} instances` : 'Recover the instance';
}
