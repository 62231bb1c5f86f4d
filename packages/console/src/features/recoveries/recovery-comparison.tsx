import type { Recovery, RecoveryComparison } from '@cpm/contract';
import { Button, Checkbox, Skeleton } from '@mantine/core';
import { IconArrowsDiff, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { OBJECT_KINDS } from './object-words.ts';
import { comparisonQuery } from './queries.ts';
import classes from './recovery-page.module.css';

type Item = RecoveryComparison['items'][number];
type Field = Item['fields'][number];

const VERDICTS: Record<Field['verdict'], readonly [Tone, string]> = {
  same: ['good', 'Same'],
  'as-asked': ['good', 'As asked'],
  different: ['warning', 'Different'],
  unknown: ['quiet', 'Not known'],
};

/** The original beside what was made of it, field by field, as AWS has it now; asked for when somebody wants it. */
export function CompareRecovery({ recovery: { id, endedAt, rollBack } }: { readonly recovery: Recovery }) {
  const [isAsked, setAsked] = useState(false);
  const { data, error, refetch, isFetching } = useQuery({ ...comparisonQuery(id), enabled: isAsked });
  if (endedAt === null || rollBack.state === 'done') return null;
  return (
    <Panel
      title="Compare with the original"
      tools={
        <Button
          size="xs"
          variant="default"
          leftSection={data ? <IconRefresh size={14} /> : <IconArrowsDiff size={14} />}
          loading={isFetching}
          onClick={() => (isAsked ? void refetch() : setAsked(true))}
        >
          {data ? 'Compare again' : 'Compare'}
        </Button>
      }
      flush
    >
      {!isAsked && <p className={classes.none}>CPM asks AWS what stands there now, and sets it beside the backup.</p>}
      {error && !data && (
        <div className={classes.pad}>
          <ProblemNotice error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {isAsked && !data && !error && <Skeleton height={120} />}
      {data?.items.length === 0 && <p className={classes.none}>Nothing of it is left to compare.</p>}
      {data && data.items.length > 0 && <Items items={data.items} />}
    </Panel>
  );
}

const isAlike = ({ verdict }: Field): boolean => verdict === 'same';

function Items({ items }: { readonly items: readonly Item[] }) {
  const [isDifferentOnly, setDifferentOnly] = useState(false);
  const fields = items.flatMap((item) => item.fields);
  const of = (verdict: Field['verdict']) => fields.filter((field) => field.verdict === verdict).length;
  return (
    <>
      <div className={classes.verdicts}>
        <span aria-live="polite">
          {of('same')} the same, {of('as-asked')} as asked, {of('different')} different
          {of('unknown') > 0 && `, ${of('unknown')} not known`}
        </span>
        <Checkbox
          size="xs"
          label="Only what is not the same"
          checked={isDifferentOnly}
          onChange={({ currentTarget }) => setDifferentOnly(currentTarget.checked)}
        />
      </div>
      {items.map((item) => (
        <section key={`${item.kind} ${item.recovered}`} aria-label={`${OBJECT_KINDS[item.kind]} ${item.recovered}`}>
          <h3 className={classes.itemTitle}>
            {OBJECT_KINDS[item.kind]} <code>{item.original}</code> and <code>{item.recovered}</code>
          </h3>
          <DataTable
            label={`Comparison of ${item.original} and ${item.recovered}`}
            columns={COLUMNS}
            rows={isDifferentOnly ? item.fields.filter((field) => !isAlike(field)) : item.fields}
            rowId={({ field }) => field}
          />
        </section>
      ))}
    </>
  );
}

const COLUMNS: readonly Column<Field>[] = [
  { id: 'field', header: 'Field', wrap: true, cell: ({ field }) => field },
  { id: 'original', header: 'Original', wrap: true, cell: ({ original }) => original || '–' },
  { id: 'recovered', header: 'Recovered', wrap: true, cell: ({ recovered }) => recovered || '–' },
  {
    id: 'verdict',
    header: 'Verdict',
    cell: ({ verdict }) => <Status tone={VERDICTS[verdict][0]} text={VERDICTS[verdict][1]} />,
  },
];
