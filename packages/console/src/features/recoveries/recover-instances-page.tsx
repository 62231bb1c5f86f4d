import type { BackedUpResource, InstancesRecoveryInput, RecoveryPlan } from '@cpm/contract';
import { Checkbox } from '@mantine/core';
import { useForm } from '@mantine/form';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { fieldProblems, FormFrame, showFieldProblems, toErrors } from '../../ui/form.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { Panel } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { CredentialsFields } from './credentials-fields.tsx';
import { ACCOUNTS_CREDENTIALS, credentialsProblems } from './credentials-values.ts';
import { inTurns } from './in-turns.ts';
import { nameOfInstanceField } from './instance-problems.ts';
import { instancesInput, type InstancesValues } from './instances-input.ts';
import { idsOf, placeOf } from './place-search.ts';
import { PlanReview } from './plan-review.tsx';
import classes from './plan-review.module.css';
import { RecoveryFrame, type RecoverySource } from './recovery-frame.tsx';
import { StartRecovery } from './start-recovery.tsx';
import { isOf, useRecoveryStages } from './use-recovery-stages.ts';
import { VolumeCount } from './volume-count.tsx';

const route = getRouteApi('/inside/backups/$backupId/recover-instances');

/** Several instances of one backup in one go, each as it was (REC-10). */
export function RecoverInstancesPage() {
  const { backupId } = route.useParams();
  const search = route.useSearch();
  const ids = idsOf(search);
  return (
    <RecoveryFrame
      what="Recover"
      title={`Recover ${ids.length} instances`}
      backupId={backupId}
      resourceIds={ids}
      place={placeOf(search)}
    >
      {(source) => <InstancesForm {...source} />}
    </RecoveryFrame>
  );
}

const nameOf = ({ resourceName, resourceId }: BackedUpResource): string => resourceName || resourceId;

function InstancesForm(source: RecoverySource) {
  const { backup, resources, place } = source;
  const form = useForm<InstancesValues>({
    initialValues: { isAnyAddress: false, credentials: ACCOUNTS_CREDENTIALS },
    validate: ({ credentials }) => toErrors(credentialsProblems(credentials)),
  });
  const body = instancesInput(form.values, { resources, place });
  const { checked, check, recover } = useInstances(backup.id);
  const isCurrent = isOf(checked, body);
  const showProblems = (error: Error) => showFieldProblems(form.setErrors, fieldProblems(error));
  const label = `Recover ${resources.length} instances`;
  return (
    <>
      <FormFrame
        label="Recover several instances"
        submitLabel={checked === null ? 'Check all of them' : 'Check again'}
        error={check.error ?? recover.error}
        errors={form.errors}
        fieldNames={(path) => nameOfInstancesField(path, resources)}
        isBusy={check.isPending}
        onSubmit={form.onSubmit(() => check.mutate(body, { onError: showProblems }))}
        cancel={
          <ButtonLink to="/backups/$backupId/recover" params={{ backupId: backup.id }} variant="default">
            Cancel
          </ButtonLink>
        }
      >
        <Panel title="Instances">
          <ul className={classes.checks}>
            {resources.map((resource) => (
              <li key={resource.id} className={classes.check}>
                <span className={classes.name}>{nameOf(resource)}</span>
                <VolumeCount resource={resource} />
              </li>
            ))}
          </ul>
        </Panel>
        <Panel>
          <Checkbox
            label="Give each any free private address"
            description="Else each gets the original's where that is free. To change more of one, recover it alone."
            {...form.getInputProps('isAnyAddress', { type: 'checkbox' })}
          />
        </Panel>
        <CredentialsFields getInputProps={form.getInputProps} values={form.values.credentials} />
      </FormFrame>
      <section className={classes.stage} aria-live="polite" aria-label="Plan">
        {checked !== null && !isCurrent && (
          <p className={classes.count}>The form has changed since it was checked: check it again.</p>
        )}
        {checked !== null && isCurrent && (
          <>
            {checked.plan.map((plan, index) => (
              <PlanOfOne key={resources[index]?.id} plan={plan} resource={resources[index]} />
            ))}
            <StartRecovery
              plans={checked.plan}
              label={label}
              typedName={backup.policy.name}
              isBusy={recover.isPending}
              error={recover.error}
              onStart={() => recover.mutate(checked, { onError: showProblems })}
            />
          </>
        )}
      </section>
    </>
  );
}

/** Each plan looks at the region anew: AWS's request limits are shared with the backups that run. */
const PLANS_AT_ONCE = 4;

/** Every instance is planned by itself; they are started together. */
function useInstances(backupId: string) {
  const navigate = useNavigate();
  const params = { backupId };
  return useRecoveryStages<
    InstancesRecoveryInput,
    { readonly items: readonly { readonly groupId: string | null }[] },
    readonly RecoveryPlan[]
  >({
    plan: ({ instances, ...common }) =>
      inTurns(instances, PLANS_AT_ONCE, (instance) =>
        call('POST /backups/:backupId/recovery-plans/instances', { params, body: { ...common, ...instance } }),
      ),
    start: (body, idempotencyKey) =>
      call('POST /backups/:backupId/recoveries/several-instances', { params, body, idempotencyKey }),
    onStarted: ({ items }) => navigate({ to: '/recoveries', search: { groupId: items[0]?.groupId ?? undefined } }),
  });
}

function PlanOfOne({ plan, resource }: PlanOfOneProps) {
  const name = resource === undefined ? '' : nameOf(resource);
  return (
    <details className={classes.one} open={!plan.canStart}>
      <summary>
        <strong>{name}</strong>{' '}
        <Status
          tone={plan.canStart ? 'good' : 'bad'}
          text={plan.canStart ? 'It can start' : 'Something failed: nothing can start'}
        />
      </summary>
      <div className={classes.oneBody}>
        <PlanReview plan={plan} title={`What was checked of ${name}`} />
      </div>
    </details>
  );
}
type PlanOfOneProps = { readonly plan: RecoveryPlan; readonly resource: BackedUpResource | undefined };

/** `instances.1.subnetId` belongs to the second one. */
function nameOfInstancesField(path: string, resources: readonly BackedUpResource[]): string {
  const [, index, field = ''] = /^instances\.(\d+)\.?(.*)$/.exec(path) ?? [];
  const resource = resources[Number(index)];
  if (index === undefined || resource === undefined) return nameOfInstanceField(path, []);
  return `${nameOf(resource)}, ${nameOfInstanceField(field, []).toLowerCase()}`;
}
