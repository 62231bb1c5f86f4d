import { Button, Checkbox, NativeSelect, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { resolveFieldTime } from '../../app/field-time.ts';
import { formatForField } from '../../app/moments.ts';
import { useZone } from '../../app/zone.ts';
import { policiesQuery } from '../policies/queries.ts';
import classes from './monitor-filters.module.css';
import { isFiltered, STATUSES, type MonitorSearch } from './monitor-search.ts';
import { STATUS_NAMES } from './queries.ts';

const RANGE_NAMES = { '24h': 'Last 24 hours', '7d': 'Last 7 days', '30d': 'Last 30 days' } as const;

type FiltersProps = { readonly search: MonitorSearch; readonly onChange: (part: Partial<MonitorSearch>) => void };

/** Narrows the Backup Monitor down by policy, status and time. */
export function MonitorFilters({ search, onChange }: FiltersProps) {
  const policies = useQuery(policiesQuery);
  const isBetween = search.from !== undefined || search.to !== undefined;
  return (
    <search className={classes.filters} aria-label="Filter the backups">
      <Select
        size="xs"
        className={classes.policy}
        label="Policy"
        placeholder="All policies"
        searchable
        clearable
        limit={100}
        clearButtonProps={{ 'aria-label': 'All policies' }}
        nothingFoundMessage="No such policy"
        data={(policies.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={search.policyId ?? null}
        onChange={(policyId) => onChange({ policyId: policyId ?? undefined })}
      />
      <NativeSelect
        size="xs"
        label="Status"
        value={search.status ?? ''}
        data={[
          { value: '', label: 'All statuses' },
          ...STATUSES.map((value) => ({ value, label: STATUS_NAMES[value] })),
        ]}
        onChange={({ currentTarget }) =>
          onChange({ status: STATUSES.find((status) => status === currentTarget.value) })
        }
      />
      <NativeSelect
        size="xs"
        label="Started"
        value={isBetween ? 'between' : (search.range ?? '')}
        data={[
          { value: '', label: 'At any time' },
          ...Object.entries(RANGE_NAMES).map(([value, label]) => ({ value, label })),
          { value: 'between', label: 'Between two times' },
        ]}
        onChange={({ currentTarget }) => onChange(timePart(currentTarget.value))}
      />
      {isBetween && <BetweenFields search={search} onChange={onChange} />}
      <Checkbox
        size="xs"
        className={classes.deleted}
        label="Show deleted"
        checked={search.deleted ?? false}
        onChange={({ currentTarget }) => onChange({ deleted: currentTarget.checked || undefined })}
      />
      {isFiltered(search) && (
        <Button
          size="xs"
          variant="subtle"
          className={classes.clear}
          onClick={() =>
            onChange({ policyId: undefined, status: undefined, range: undefined, from: undefined, to: undefined })
          }
        >
          Clear
        </Button>
      )}
    </search>
  );
}

function timePart(value: string): Partial<MonitorSearch> {
  if (value === 'between') {
    const dayAgo = new Date(Date.now() - 86_400_000).toISOString();
    return { range: undefined, from: dayAgo, to: undefined };
  }
  const range = (Object.keys(RANGE_NAMES) as (keyof typeof RANGE_NAMES)[]).find((name) => name === value);
  return { range, from: undefined, to: undefined };
}

function BetweenFields({ search, onChange }: FiltersProps) {
  const { zone } = useZone();
  const field = (label: string, key: 'from' | 'to') => (
    <TextInput
      size="xs"
      type="datetime-local"
      label={label}
      key={key}
      defaultValue={search[key] === undefined ? '' : formatForField(search[key], zone)}
      onBlur={({ currentTarget }) => onChange({ [key]: resolveFieldTime(currentTarget.value, zone) })}
    />
  );
  return [field('From', 'from'), field('To', 'to')];
}
