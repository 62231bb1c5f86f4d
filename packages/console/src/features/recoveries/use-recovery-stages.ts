import type { RecoveryPlan } from '@cpm/contract';
import { ApiError } from '@cpm/contract/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { newIdempotencyKey } from '../../app/api.ts';

type Calls<Body, Plan, Started> = {
  readonly plan: (body: Body) => Promise<Plan>;
  readonly start: (body: Body, idempotencyKey: string) => Promise<Started>;
  readonly onPlanned?: (plan: Plan) => void;
  readonly onStarted: (started: Started) => void | Promise<void>;
};

type Checked<Body, Plan> = { readonly body: Body; readonly plan: Plan; readonly key: string };

/**
 * The two stages of every recovery: a request is checked, and what was checked can be started. A plan holds for exactly the
 * request it was made for; a start whose answer was lost is sent again under the same key, so it never starts twice.
 */
export function useRecoveryStages<Body, Started, Plan = RecoveryPlan>(calls: Calls<Body, Plan, Started>) {
  const client = useQueryClient();
  const [checked, setChecked] = useState<Checked<Body, Plan> | null>(null);
  const check = useMutation({
    mutationFn: async (body: Body) => ({ body, plan: await calls.plan(body), key: newIdempotencyKey() }),
    onMutate: () => {
      recover.reset();
      setChecked(null);
    },
    onSuccess: (now) => {
      setChecked(now);
      calls.onPlanned?.(now.plan);
    },
  });
  const recover = useMutation({
    mutationFn: ({ body, key }: Checked<Body, Plan>) => calls.start(body, key),
    onSuccess: async (started) => {
      void client.invalidateQueries({ queryKey: ['recoveries'] });
      await calls.onStarted(started);
    },
    onError: (error) => {
      if (error instanceof ApiError) setChecked((now) => now && { ...now, key: newIdempotencyKey() });
    },
  });
  return { checked, check, recover };
}

/** Whether a plan was made for this request and no other. */
export const isOf = <Body>(checked: { readonly body: Body } | null, body: Body): boolean =>
  checked !== null && JSON.stringify(checked.body) === JSON.stringify(body);
