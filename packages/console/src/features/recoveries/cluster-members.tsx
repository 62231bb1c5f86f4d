import { Autocomplete, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { Panel } from '../../ui/page.tsx';
import classes from './recover-form.module.css';
import type { DatabasePartProps } from './recover-database-form.tsx';

/** AWS's limit: a writer and 15 readers. */
const MOST_MEMBERS = 16;

/** The members of the new cluster, as the original had them unless told. */
export function ClusterMembers({ form, lists }: DatabasePartProps) {
  const { members } = form.values;
  const last = members.at(-1)?.instanceClass ?? '';
  return (
    <Panel
      title="Members"
      tools={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={members.length >= MOST_MEMBERS}
          onClick={() => form.insertListItem('members', { databaseId: '', instanceClass: last })}
        >
          Add a member
        </Button>
      }
    >
      <div className={classes.fields}>
        {members.length === 0 && (
          <p className={classes.note}>Without a member nobody can connect to the cluster: it holds the data only.</p>
        )}
        {members.map((_, index) => (
          // A member has no name but the one that is being typed.
          // oxlint-disable-next-line react/no-array-index-key
          <fieldset key={index} className={classes.member} aria-label={`Member ${index + 1}`}>
            <TextInput
              label={index === 0 ? 'Writer' : `Reader ${index}`}
              description="Its identifier must be free."
              spellCheck={false}
              {...form.getInputProps(`members.${index}.databaseId`)}
            />
            <Autocomplete
              label="Class"
              description="Such as db.r6g.large."
              data={[...lists.classes]}
              limit={100}
              spellCheck={false}
              {...form.getInputProps(`members.${index}.instanceClass`)}
            />
            <Button
              variant="default"
              aria-label={`Remove member ${index + 1}`}
              onClick={() => form.removeListItem('members', index)}
            >
              <IconTrash size={16} />
            </Button>
          </fieldset>
        ))}
      </div>
    </Panel>
  );
}
