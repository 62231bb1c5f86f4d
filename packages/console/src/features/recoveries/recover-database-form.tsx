import type { BackedUpResource } from '@cpm/contract';
import { Checkbox, TagsInput, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { FieldRow, toErrors } from '../../ui/form.tsx';
import { Panel } from '../../ui/page.tsx';
import { OptionalText, YesNoField } from './choice-fields.tsx';
import { ClusterMembers } from './cluster-members.tsx';
import { CredentialsFields } from './credentials-fields.tsx';
import { databaseCalls } from './database-calls.ts';
import { StorageFields } from './database-storage.tsx';
import {
  databaseFormPath,
  databaseProblems,
  initialDatabase,
  nameOfDatabaseField,
  type DatabaseValues,
} from './database-values.ts';
import { asBackedUp } from './form-parts.ts';
import { changeGroups, groupOptions, groupsInVpc } from './instance-network.ts';
import { NumberField } from './number-field.tsx';
import classes from './recover-form.module.css';
import { RecoveryForm } from './recovery-form.tsx';
import type { RecoverySource } from './recovery-frame.tsx';
import { databaseVpc, useDatabaseLists, type DatabaseKind, type DatabaseLists } from './database-lists.ts';

export type DatabasePartProps = {
  readonly form: UseFormReturnType<DatabaseValues>;
  readonly source: RecoverySource;
  readonly lists: DatabaseLists;
};

const NOUNS = {
  database: 'database',
  'database-cluster': 'database cluster',
  'redshift-cluster': 'Redshift cluster',
} as const satisfies Record<DatabaseKind, string>;
const kindOf = ({ kind }: BackedUpResource): DatabaseKind =>
  kind === 'database-cluster' || kind === 'redshift-cluster' ? kind : 'database';

/** How a database, a database cluster or a Redshift cluster is made again (REC-8). */
export function RecoverDatabaseForm(source: RecoverySource) {
  const { backup, resource } = source;
  const kind = kindOf(resource);
  const lists = useDatabaseLists(source, kind);
  const form = useForm<DatabaseValues>({
    initialValues: initialDatabase(resource),
    validate: (values) => toErrors(databaseProblems(values, lists.takenIds)),
  });
  const { body, calls } = databaseCalls(kind, source, {
    ...form.values,
    securityGroupIds: groupsInVpc(
      form.values.securityGroupIds,
      source.choices,
      databaseVpc(form.values.subnetGroup, lists, resource),
    ),
  });
  const props = { form, source, lists };
  return (
    <RecoveryForm
      label={`Recover the ${NOUNS[kind]}`}
      backupId={backup.id}
      form={form}
      body={body}
      calls={calls}
      asInForm={databaseFormPath}
      fieldNames={nameOfDatabaseField}
      startLabel={`Recover the ${NOUNS[kind]}`}
      typedName={resource.resourceName || resource.resourceId}
    >
      <Panel title={kind === 'database' ? 'Database' : 'Cluster'}>
        <IdentityFields {...props} kind={kind} />
      </Panel>
      {kind === 'database-cluster' && <ClusterMembers {...props} />}
      <Panel title="Network and settings">
        <SettingFields {...props} kind={kind} />
      </Panel>
      {kind === 'database' && <StorageFields {...props} />}
      <CredentialsFields getInputProps={form.getInputProps} values={form.values.credentials} />
    </RecoveryForm>
  );
}

type OfKind = DatabasePartProps & { readonly kind: DatabaseKind };

function IdentityFields({ form, source: { resource }, lists, kind }: OfKind) {
  const { getInputProps, values } = form;
  const was = resource.database;
  const isRedshift = kind === 'redshift-cluster';
  return (
    <div className={classes.fields}>
      <FieldRow>
        <TextInput
          label="New identifier"
          placeholder={asBackedUp(resource.resourceId)}
          description={
            lists.takenIds.includes(resource.resourceId)
              ? `${resource.resourceId} is taken at present: give another.`
              : 'Must be free: AWS keeps each once in a region.'
          }
          spellCheck={false}
          {...getInputProps('newId')}
        />
        {kind !== 'database-cluster' && (
          <OptionalText
            getInputProps={getInputProps}
            path="instanceClass"
            label={isRedshift ? 'Node type' : 'Class'}
            placeholder={asBackedUp(was?.instanceClass)}
            data={lists.classes}
          />
        )}
        {isRedshift && (
          <NumberField getInputProps={getInputProps} path="nodeCount" label="Nodes" recorded={was?.nodeCount} />
        )}
        <NumberField getInputProps={getInputProps} path="port" label="Port" recorded={was?.port} />
      </FieldRow>
      {kind !== 'database-cluster' && (
        <FieldRow>
          {kind === 'database' && (
            <YesNoField
              getInputProps={getInputProps}
              path="isMultiAz"
              label="Multi-AZ"
              recorded={was?.isMultiAz ?? null}
            />
          )}
          <OptionalText
            getInputProps={getInputProps}
            path="zone"
            label="Zone"
            placeholder={values.isMultiAz === 'yes' ? 'AWS chooses with Multi-AZ' : asBackedUp(was?.zones[0])}
            data={lists.zones}
            disabled={values.isMultiAz === 'yes'}
            without={{ path: 'isAnyZone', label: 'Let AWS choose', isChosen: values.isAnyZone }}
          />
        </FieldRow>
      )}
      <Checkbox label="Give it the tags of the original" {...getInputProps('preserveTags', { type: 'checkbox' })} />
    </div>
  );
}

function SettingFields({ form, source: { resource, choices }, lists, kind }: OfKind) {
  const { getInputProps, values } = form;
  const was = resource.database;
  const vpcId = databaseVpc(values.subnetGroup, lists, resource);
  const shown = groupsInVpc(values.securityGroupIds, choices, vpcId);
  const field = (path: string, label: string, recorded: string | null | undefined, data: readonly string[]) => (
    <OptionalText
      getInputProps={getInputProps}
      path={path}
      label={label}
      placeholder={asBackedUp(recorded)}
      data={data}
    />
  );
  return (
    <div className={classes.fields}>
      <FieldRow>
        {field(
          'subnetGroup',
          'Subnet group',
          was?.subnetGroup,
          lists.subnetGroups.map(({ name }) => name),
        )}
        {field('parameterGroup', 'Parameter group', was?.parameterGroups[0], lists.parameterGroups)}
        {kind === 'database' && field('optionGroup', 'Option group', was?.optionGroup, lists.optionGroups)}
      </FieldRow>
      <TagsInput
        label="Security groups"
        placeholder={shown.length === 0 ? asBackedUp(was?.securityGroupIds.join(', ')) : ''}
        description={vpcId === null ? 'Choose groups or type their ids.' : `Groups of ${vpcId}, or type their ids.`}
        data={[...groupOptions(choices, vpcId)]}
        limit={100}
        clearable
        clearButtonProps={{ 'aria-label': 'Security groups as backed up' }}
        {...getInputProps('securityGroupIds')}
        value={shown}
        onChange={(next) => form.setFieldValue('securityGroupIds', changeGroups(values.securityGroupIds, shown, next))}
      />
      <FieldRow>
        <YesNoField
          getInputProps={getInputProps}
          path="isPubliclyAccessible"
          label="Publicly accessible"
          recorded={was?.isPubliclyAccessible ?? null}
        />
        {kind !== 'redshift-cluster' && (
          <YesNoField
            getInputProps={getInputProps}
            path="hasDeletionProtection"
            label="Deletion protection"
            recorded={was?.hasDeletionProtection ?? null}
          />
        )}
      </FieldRow>
    </div>
  );
}
