import { Checkbox, Textarea, TextInput } from '@mantine/core';
import { FieldRow, FormSection } from '../../ui/form.tsx';
import { ChoiceField, OptionalText, YesNoField } from './choice-fields.tsx';
import { asBackedUp } from './form-parts.ts';
import { InstancePlacement } from './instance-placement.tsx';
import type { OptionalPart } from './instance-values.ts';
import type { InstancePartProps } from './recover-instance-form.tsx';
import classes from './recover-form.module.css';
import { recordedInstance } from './volume-shape.ts';

const named = (...values: readonly string[]) => values.map((value) => ({ value, label: value }));

/** Everything about the new instance that is rarely changed, folded away; each as backed up unless told (REC-4). */
export function InstanceAdvanced(props: InstancePartProps) {
  return (
    <details className={classes.fold}>
      <summary>Advanced options</summary>
      <div className={classes.foldBody}>
        <InstancePlacement {...props} />
        <FormSection title="System">
          <SystemFields {...props} />
        </FormSection>
        <FormSection title="Behaviour">
          <BehaviourFields {...props} />
        </FormSection>
      </div>
    </details>
  );
}

function SystemFields(props: InstancePartProps) {
  const { form, source } = props;
  const { getInputProps, values } = form;
  const recorded = recordedInstance(source.resource);
  return (
    <>
      <FieldRow>
        <ChoiceField
          getInputProps={getInputProps}
          path="architecture"
          label="Architecture"
          recorded={recorded?.architecture ?? null}
          description="Another than the image's is refused by AWS."
          options={named('x86_64', 'arm64', 'i386')}
        />
        <Part {...props} part="kernelId" label="Kernel" recorded={recorded?.kernelId} ofWhat="a kernel" />
        <Part {...props} part="ramdiskId" label="RAM disk" recorded={recorded?.ramdiskId} ofWhat="a RAM disk" />
      </FieldRow>
      <div className={classes.optional}>
        <Textarea
          label="User data"
          description="As text; CPM encodes it. Empty: as backed up."
          placeholder="As backed up"
          autosize
          minRows={3}
          maxRows={12}
          spellCheck={false}
          disabled={values.without.userData}
          {...getInputProps('userData')}
        />
        <Checkbox size="xs" label="Without user data" {...getInputProps('without.userData', { type: 'checkbox' })} />
      </div>
      <FieldRow>
        <Part
          {...props}
          part="instanceProfileArn"
          label="Instance profile"
          recorded={recorded?.instanceProfileArn}
          ofWhat="a profile"
          description="The ARN of the role's instance profile."
        />
        <TextInput
          label="Instance store"
          placeholder="/dev/sdb=ephemeral0"
          description="Of older types; separated by commas."
          spellCheck={false}
          {...getInputProps('ephemeral')}
        />
      </FieldRow>
    </>
  );
}

function BehaviourFields(props: InstancePartProps) {
  const { form, source } = props;
  const { getInputProps, values } = form;
  const recorded = recordedInstance(source.resource);
  const tenancy = values.tenancy || recorded?.placement.tenancy;
  const metadata = recorded?.metadataOptions?.httpTokens ?? null;
  const yesNo = (path: string, label: string, was: boolean | undefined) => (
    <YesNoField getInputProps={getInputProps} path={path} label={label} recorded={was ?? null} />
  );
  return (
    <FieldRow>
      <ChoiceField
        getInputProps={getInputProps}
        path="shutdownBehavior"
        label="On shutdown"
        recorded={recorded?.shutdownBehavior ?? null}
        options={named('stop', 'terminate')}
      />
      {yesNo('isTerminationProtected', 'Termination protection', recorded?.isTerminationProtected)}
      {yesNo('isMonitored', 'Detailed monitoring', recorded?.isMonitored)}
      {yesNo('isEbsOptimized', 'EBS optimised', recorded?.isEbsOptimized)}
      {yesNo('requiresImdsV2', 'Metadata version 2 only', metadata === null ? undefined : metadata === 'required')}
      <ChoiceField
        getInputProps={getInputProps}
        path="tenancy"
        label="Tenancy"
        recorded={recorded?.placement.tenancy ?? null}
        options={named('default', 'dedicated', 'host')}
      />
      {tenancy === 'host' && (
        <Part
          {...props}
          part="hostId"
          label="Dedicated host"
          recorded={recorded?.placement.hostId}
          ofWhat="a certain host"
        />
      )}
    </FieldRow>
  );
}

type PartProps = InstancePartProps & {
  readonly part: OptionalPart;
  readonly label: string;
  readonly recorded: string | null | undefined;
  readonly ofWhat: string;
  readonly description?: string;
};

/** Text that the original may have had: as backed up, another one, or none. */
function Part({ form, part, label, recorded, ofWhat, description }: PartProps) {
  const had = recorded !== null && recorded !== undefined;
  return (
    <OptionalText
      getInputProps={form.getInputProps}
      path={part}
      label={label}
      description={description}
      placeholder={had ? asBackedUp(recorded) : 'As backed up: none'}
      {...(had
        ? { without: { path: `without.${part}`, label: `Without ${ofWhat}`, isChosen: form.values.without[part] } }
        : {})}
    />
  );
}
