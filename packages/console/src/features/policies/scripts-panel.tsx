import type { Policy, PolicyScriptFiles } from '@cpm/contract';
import { IconFileOff } from '@tabler/icons-react';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { CopyableId } from '../../ui/copy-text.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { ListFrame } from '../../ui/list-frame.tsx';
import { Status } from '../../ui/status.tsx';
import { STEP_NAMES } from './policy-values.ts';
import { TryScript } from './try-script.tsx';
import classes from './scripts-panel.module.css';

const scriptsQuery = (policyId: string) =>
  queryOptions({
    queryKey: ['policies', 'scripts', policyId],
    queryFn: ({ signal }) => call('GET /policies/:policyId/scripts', { params: { policyId }, signal }),
  });

/** The scripts found for a policy, step by step, what stands in their way, and a test run of each. */
export function ScriptsPanel({ policy }: { readonly policy: Policy }) {
  const query = useQuery(scriptsQuery(policy.id));
  const { data } = query;
  return (
    <ListFrame
      label="Scripts"
      title="Scripts"
      tools={
        data && (
          <span className={classes.where}>
            In <CopyableId id={data.directory} /> on the CPM server
          </span>
        )
      }
      query={query}
      rows={data?.items}
      rowId={({ step }) => step}
      columns={columnsOf(policy)}
      skeletonRows={3}
      empty={{ Sign: IconFileOff, title: 'No script' }}
    />
  );
}

type FoundScript = PolicyScriptFiles['items'][number];

const columnsOf = (policy: Policy): readonly Column<FoundScript>[] => [
  { id: 'step', header: 'Step', cell: ({ step }) => STEP_NAMES[step] },
  {
    id: 'file',
    header: 'Script',
    wrap: true,
    cell: ({ file }) => (file === null ? '–' : <code>{baseName(file)}</code>),
  },
  {
    id: 'state',
    header: 'State',
    wrap: true,
    cell: ({ problem }) => (
      <div className={classes.state}>
        <Status tone={problem === null ? 'good' : 'bad'} text={problem === null ? 'Can run' : 'Cannot run'} />
        {problem !== null && <span className={classes.problem}>{problem}</span>}
      </div>
    ),
  },
  {
    id: 'try',
    header: 'Actions',
    isHeaderHidden: true,
    tight: true,
    cell: ({ step, problem }) => <TryScript policy={policy} step={step} canRun={problem === null} />,
  },
];

/** The directory stands above the table already. */
const baseName = (file: string): string => file.split(/[/\\]/).at(-1) ?? file;
