import type { Recovery } from '@cpm/contract';
import { IconExternalLink } from '@tabler/icons-react';
import { awsConsoleLink } from '../../ui/aws-console.ts';
import { CopyableId } from '../../ui/copy-text.tsx';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { Moment } from '../../ui/moment.tsx';
import { Panel } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { OBJECT_KINDS, OBJECT_STATES } from './object-words.ts';
import classes from './recovery-page.module.css';

type MadeObject = Recovery['objects'][number];

const COLUMNS: readonly Column<MadeObject>[] = [
  { id: 'kind', header: 'Kind', cell: ({ kind }) => OBJECT_KINDS[kind] },
  { id: 'role', header: 'Role', cell: ({ role }) => (role === 'made' ? 'Made' : 'Replaced') },
  { id: 'id', header: 'Id', wrap: true, cell: (object) => <ObjectId object={object} /> },
  { id: 'region', header: 'Region', tight: true, cell: ({ region }) => region },
  { id: 'state', header: 'State', cell: (object) => <ObjectState object={object} /> },
  { id: 'note', header: 'Note', wrap: true, cell: ({ note }) => note || '–' },
  { id: 'made', header: 'When', cell: ({ madeAt }) => <Moment at={madeAt} /> },
];

/** Everything that a recovery made or replaced, as it stands now. */
export function MadeObjects({ recovery: { objects, endedAt } }: { readonly recovery: Recovery }) {
  return (
    <Panel title="What it did in AWS" flush>
      {objects.length === 0 ? (
        <p className={classes.none}>{endedAt === null ? 'Nothing yet.' : 'It made nothing.'}</p>
      ) : (
        <DataTable
          label="Made objects"
          columns={COLUMNS}
          rows={objects}
          rowId={({ kind, role, awsId, madeAt }) => `${kind} ${role} ${awsId} ${madeAt}`}
        />
      )}
    </Panel>
  );
}

function ObjectState({ object: { role, state } }: { readonly object: MadeObject }) {
  const [tone, text] = OBJECT_STATES[state];
  return role === 'replaced' && state === 'removed' ? (
    <Status tone="quiet" text="Deleted" />
  ) : (
    <Status tone={tone} text={text} />
  );
}

function ObjectId({ object: { kind, region, awsId, state } }: { readonly object: MadeObject }) {
  if (awsId === null) return '–';
  const link = state === 'removed' ? null : awsConsoleLink(kind, region, awsId);
  return (
    <span className={classes.id}>
      <CopyableId id={awsId} />
      {link !== null && (
        <a
          href={link}
          target="_blank"
          rel="noopener noreferrer"
          className={classes.console}
          aria-label={`AWS console: ${awsId}`}
        >
          <IconExternalLink size={14} aria-hidden />
          AWS console
        </a>
      )}
    </span>
  );
}
