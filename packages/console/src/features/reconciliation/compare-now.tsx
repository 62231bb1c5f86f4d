import type { ReconciliationRun } from '@cpm/contract';
import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { call } from '../../app/api.ts';
import { tell, tellProblem } from '../../ui/tell.tsx';

type Runs = readonly ReconciliationRun[];
/** What was on record when somebody asked, and how many regions are compared anew. */
type Asked = { readonly before: Runs; readonly started: number };

const LOOK_EVERY_MS = 2_000;

/** Starts the comparison and follows it until each region has its new record. */
export function CompareNow({ runs }: { readonly runs: Runs }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const isComparing = asked !== null && countRenewed(asked.before, runs) < asked.started;
  useEffect(() => {
    if (!isComparing) return;
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: ['reconciliation'] }), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [client, isComparing]);
  const compare = useMutation({
    mutationFn: () => call('POST /reconciliation/run', {}),
    onSuccess: ({ started }) => {
      setAsked({ before: runs, started });
      tell(started === 0 ? 'There is no region to compare yet.' : `${describeRegions(started)} being compared.`);
    },
    onError: (error) => tellProblem('The comparison was not started', error),
  });
  return (
    <Button
      leftSection={<IconRefresh size={16} />}
      loading={compare.isPending || isComparing}
      onClick={() => compare.mutate()}
    >
      Compare now
    </Button>
  );
}

const describeRegions = (count: number): string => (count === 1 ? 'One region is' : `${count} regions are`);

/** How many regions have another, ended record than before; told by the server's times alone. */
function countRenewed(before: Runs, now: Runs): number {
  const keyOf = ({ account, region }: ReconciliationRun) => `${account.id} ${region}`;
  const startedAt = new Map(before.map((run) => [keyOf(run), run.startedAt]));
  return now.filter((run) => run.endedAt !== null && startedAt.get(keyOf(run)) !== run.startedAt).length;
}
