import type { Backup, BackupScript } from '@cpm/contract';
import { IconTerminal2 } from '@tabler/icons-react';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { formatDuration } from '../../app/moments.ts';
import type { Column } from '../../ui/data-table.tsx';
import { ListFrame } from '../../ui/list-frame.tsx';
import { Moment } from '../../ui/moment.tsx';
import { ScriptOutput } from '../../ui/script-output.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { STEP_NAMES } from '../policies/policy-values.ts';
import classes from './backup-scripts.module.css';
import { RUNNING_REFRESH_MS } from './queries.ts';

const backupScriptsQuery = ({ id: backupId, status }: Backup) =>
  queryOptions({
    queryKey: ['backups', 'scripts', backupId],
    queryFn: ({ signal }) => call('GET /backups/:backupId/scripts', { params: { backupId }, signal }),
    refetchInterval: status === 'in-progress' ? RUNNING_REFRESH_MS : false,
  });

/** How the scripts of a backup ended and what they wrote; absent where none ran. */
export function BackupScripts({ backup }: { readonly backup: Backup }) {
  const query = useQuery(backupScriptsQuery(backup));
  if (query.data === undefined ? query.error === null : query.data.items.length === 0) return null;
  return (
    <ListFrame
      label="Scripts"
      title="Scripts"
      query={query}
      rows={query.data?.items}
      rowId={({ step }) => step}
      columns={COLUMNS}
      empty={{ Sign: IconTerminal2, title: 'No script ran' }}
    />
  );
}

const STATES: Record<BackupScript['state'], readonly [Tone, string]> = {
  started: ['running', 'Running'],
  succeeded: ['good', 'Succeeded'],
  failed: ['bad', 'Failed'],
};

const COLUMNS: readonly Column<BackupScript>[] = [
  {
    id: 'step',
    header: 'Step',
    cell: ({ step, argument }) => (
      <div className={classes.cell}>
        <span>{STEP_NAMES[step]}</span>
        {argument !== '' && <span className={classes.quiet}>Was told {argument}</span>}
      </div>
    ),
  },
  {
    id: 'runner',
    header: 'Where',
    cell: ({ runner }) => (runner === 'ssm' ? 'On the instances' : 'On the CPM server'),
  },
  {
    id: 'state',
    header: 'Result',
    wrap: true,
    cell: ({ state, reason, exitCode }) => (
      <div className={classes.cell}>
        <Status tone={STATES[state][0]} text={STATES[state][1]} />
        {reason !== null && <span className={classes.quiet}>{reason}</span>}
        {reason === null && exitCode !== null && exitCode !== 0 && (
          <span className={classes.quiet}>Exit code {exitCode}</span>
        )}
      </div>
    ),
  },
  { id: 'started', header: 'Start', cell: ({ startedAt }) => <Moment at={startedAt} /> },
  {
    id: 'took',
    header: 'Took',
    align: 'end',
    cell: ({ startedAt, endedAt }) =>
      endedAt === null ? '–' : formatDuration(Date.parse(endedAt) - Date.parse(startedAt)),
  },
  {
    id: 'output',
    header: 'Standard error',
    wrap: true,
    cell: ({ step, output }) =>
      output === null ? (
        <span className={classes.quiet}>Not kept</span>
      ) : (
        <div className={classes.output}>
          <ScriptOutput output={output} label={`Standard error: ${STEP_NAMES[step].toLowerCase()}`} />
        </div>
      ),
  },
];
