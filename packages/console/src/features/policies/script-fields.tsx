import type { Policy } from '@cpm/contract';
import { SCRIPT_STEPS, type ScriptStep } from '@cpm/core';
import { Checkbox, InputError, MultiSelect, NumberInput, Radio, Textarea } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import classes from './policy-form.module.css';
import { STEP_NAMES, type PolicyValues } from './policy-values.ts';
import { targetsQuery } from './queries.ts';

const RUNNERS = [
  { value: 'none', label: 'None', description: undefined },
  {
    value: 'server',
    label: 'On the CPM server',
    description:
      'The programs in its scripts directory whose names begin with before_, after_ or complete_ and the name of the policy.',
  },
  {
    value: 'ssm',
    label: 'On the instances',
    description: 'Commands that AWS Systems Manager runs there, without SSH and without an agent of CPM.',
  },
] as const;

const STEP_HINTS: Record<ScriptStep, string> = {
  before: 'Such as: bring an application to rest.',
  after: 'Such as: let it go on. Runs whenever the step before was begun, also after a failure.',
  complete: 'Runs once AWS has completed the snapshots, or they have failed.',
};

type ScriptFieldsProps = { readonly form: UseFormReturnType<PolicyValues>; readonly policy: Policy | undefined };

/** Which scripts run around the snapshots, where, and for how long. */
export function ScriptFields({ form, policy }: ScriptFieldsProps) {
  const { runner, ssm } = form.values.scripts;
  return (
    <>
      <Radio.Group label="Where they run" {...form.getInputProps('scripts.runner')}>
        {RUNNERS.map(({ value, label, description }) => (
          <Radio key={value} value={value} label={label} description={description} mt={8} />
        ))}
      </Radio.Group>
      {runner === 'ssm' && (
        <>
          <InstancesField policy={policy} chosen={ssm.instanceIds} {...form.getInputProps('scripts.ssm.instanceIds')} />
          {SCRIPT_STEPS.map((step) => (
            <Textarea
              key={step}
              label={STEP_NAMES[step]}
              description={STEP_HINTS[step]}
              autosize
              minRows={2}
              maxRows={14}
              spellCheck={false}
              classNames={{ input: classes.commands }}
              {...form.getInputProps(`scripts.ssm.${step}`)}
            />
          ))}
          {typeof form.errors['scripts.ssm'] === 'string' && <InputError>{form.errors['scripts.ssm']}</InputError>}
        </>
      )}
      {runner !== 'none' && (
        <>
          <NumberInput
            label="Seconds a script may run"
            required
            min={1}
            allowDecimal={false}
            description="Then it is ended with everything it started, and has failed."
            className={classes.short}
            {...form.getInputProps('scripts.timeoutSeconds')}
          />
          <Checkbox
            label="Keep what they write to their standard error"
            description="It is shown with the backup; a flood is cut, and said so."
            {...form.getInputProps('scripts.collectOutput', { type: 'checkbox' })}
          />
        </>
      )}
    </>
  );
}

type InstancesFieldProps = Record<string, unknown> & {
  readonly policy: Policy | undefined;
  readonly chosen: readonly string[];
};

/** The instances among the targets that the commands run on; none chosen means all of them. */
function InstancesField({ policy, chosen, ...input }: InstancesFieldProps) {
  const targets = useQuery({ ...targetsQuery(policy?.id ?? ''), enabled: policy !== undefined });
  const instances = (targets.data?.items ?? []).filter(({ kind }) => kind === 'instance');
  const known = new Set(instances.map(({ resourceId }) => resourceId));
  const gone = chosen.filter((id) => !known.has(id)).map((id) => ({ value: id, label: `${id} (no target)` }));
  return (
    <MultiSelect
      label="Instances"
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'All instances' }}
      placeholder={chosen.length === 0 ? 'All instances of the policy' : undefined}
      description={
        policy === undefined
          ? 'All of them, until you choose some here once the policy has its targets.'
          : 'None chosen: all instances of the policy. Each must be managed by AWS Systems Manager.'
      }
      nothingFoundMessage="No such instance among the targets"
      data={[
        ...instances.map(({ resourceId, resourceName }) => ({
          value: resourceId,
          label: resourceName === '' ? resourceId : `${resourceName} (${resourceId})`,
        })),
        ...gone,
      ]}
      {...input}
    />
  );
}
