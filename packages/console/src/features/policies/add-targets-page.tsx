import type { NewTarget } from '@cpm/contract';
import { TARGET_KINDS } from '@cpm/core';
import { Button, SegmentedControl, Select, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ReadProblem } from '../../app/other-pages.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { KIND_NAMES } from '../accounts/kinds.ts';
import { regionsQuery } from '../accounts/queries.ts';
import { addTargets } from './add-targets.ts';
import classes from './add-targets-page.module.css';
import { ChosenTargets, type Chosen } from './chosen-targets.tsx';
import { policyQuery } from './queries.ts';
import { ResourceList } from './resource-list.tsx';

const route = getRouteApi('/inside/policies/$policyId/add-targets');

/** Picks targets of a policy out of any region, as many at a time as wanted, without leaving the page. */
export function AddTargetsPage() {
  const { policyId } = route.useParams();
  const { data: policy, error, refetch } = useQuery(policyQuery(policyId));
  if (error && !policy) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title={policy ? `Add targets to ${policy.name}` : 'Add targets'}
      trail={
        <TextLink to="/policies/$policyId" params={{ policyId }}>
          {policy?.name ?? 'Policy'}
        </TextLink>
      }
      actions={
        <ButtonLink to="/policies/$policyId" params={{ policyId }} variant="default">
          Done
        </ButtonLink>
      }
    >
      {policy ? (
        <Picker policyId={policyId} accountId={policy.account.id} accountName={policy.account.name} />
      ) : (
        <Skeleton height={300} />
      )}
    </Page>
  );
}

type PickerProps = { readonly policyId: string; readonly accountId: string; readonly accountName: string };

function Picker({ policyId, accountId, accountName }: PickerProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const regions = useQuery(regionsQuery(accountId));
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const add = useAddTargets(policyId, () => setChosen([]));
  const { region, kind = 'instance' } = search;
  const change = (part: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, page: undefined, ...part }), replace: true });
  return (
    <>
      {regions.error && <ProblemNotice error={regions.error} onRetry={() => void regions.refetch()} />}
      <Panel flush>
        <div className={classes.tools}>
          <Select
            size="sm"
            className={classes.region}
            label={`Region of ${accountName}`}
            placeholder={regions.isPending ? 'Asking AWS…' : 'Choose a region'}
            searchable
            data={regions.data?.items ?? []}
            value={region ?? null}
            onChange={(next) => change({ region: next ?? undefined })}
            nothingFoundMessage="No such region"
          />
          <SegmentedControl
            size="sm"
            className={classes.kinds}
            aria-label="Kind of resource"
            value={kind}
            data={TARGET_KINDS.map((value) => ({ value, label: KIND_NAMES[value][1] }))}
            onChange={(next) => change({ kind: next === 'instance' ? undefined : next, sort: undefined })}
          />
        </div>
        {region === undefined ? (
          <p className={classes.hint}>Choose a region to see what can be protected there.</p>
        ) : (
          <ResourceList
            asked={{ accountId, region, kind }}
            policyId={policyId}
            search={search}
            onSearch={change}
            chosen={chosen}
            onChoose={setChosen}
          />
        )}
      </Panel>
      <section className={classes.bar} aria-label="Chosen targets">
        <ChosenTargets chosen={chosen} onChange={setChosen} />
        {add.error && <ProblemNotice error={add.error} />}
        <div className={classes.act}>
          <output className={classes.said}>
            {add.isSuccess && chosen.length === 0
              ? `${add.data} added. Choose more, or go on.`
              : chosen.length === 0
                ? 'Nothing chosen yet.'
                : `${chosen.length} chosen`}
          </output>
          {chosen.length > 0 && (
            <Button variant="default" onClick={() => setChosen([])}>
              Choose none
            </Button>
          )}
          <Button disabled={chosen.length === 0} loading={add.isPending} onClick={() => add.mutate(chosen)}>
            {chosen.length < 2 ? 'Add the target' : `Add ${chosen.length} targets`}
          </Button>
        </div>
      </section>
    </>
  );
}

function useAddTargets(policyId: string, onAdded: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (chosen: readonly Chosen[]) => {
      await addTargets(policyId, chosen.map(toNewTarget));
      return chosen.length;
    },
    onSuccess: async () => {
      onAdded();
      void client.invalidateQueries({ queryKey: ['policies'] });
      await client.invalidateQueries({ queryKey: ['resources', 'list'] });
    },
  });
}

function toNewTarget({ resource: { kind, region, id }, volumes }: Chosen): NewTarget {
  return kind === 'instance' ? { kind, region, resourceId: id, volumes } : { kind, region, resourceId: id };
}
