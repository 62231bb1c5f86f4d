import { IconPencil, IconPlus, IconTrash, type Icon } from '@tabler/icons-react';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { OBJECT_KINDS, type PlannedObject } from './object-words.ts';
import classes from './plan-review.module.css';

const ACTIONS: Record<PlannedObject['action'], readonly [Icon, string]> = {
  create: [IconPlus, 'Make'],
  change: [IconPencil, 'Change'],
  delete: [IconTrash, 'Delete'],
};

const COLUMNS: readonly Column<PlannedObject>[] = [
  { id: 'action', header: 'Action', tight: true, cell: ({ action }) => <ActionWord action={action} /> },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => OBJECT_KINDS[kind] },
  { id: 'name', header: 'Which', wrap: true, cell: ({ name }) => name },
  { id: 'note', header: 'Note', wrap: true, cell: ({ note }) => note || '–' },
];

function ActionWord({ action }: Pick<PlannedObject, 'action'>) {
  const [Sign, word] = ACTIONS[action];
  return (
    <span className={classes.action} data-action={action}>
      <Sign size={15} aria-hidden />
      {word}
    </span>
  );
}

/** What is going to be made, changed and deleted in AWS, each with icon, word and colour. */
export function PlannedObjects({ objects, label }: PlannedObjectsProps) {
  return (
    <DataTable
      label={label}
      columns={COLUMNS}
      rows={objects.map((object, index) => ({ ...object, index }))}
      rowId={({ index }: PlannedObject & { readonly index?: number }) => String(index)}
    />
  );
}
type PlannedObjectsProps = { readonly objects: readonly PlannedObject[]; readonly label: string };
