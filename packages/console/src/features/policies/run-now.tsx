import { Button, type ButtonProps } from '@mantine/core';
import { IconPlayerPlayFilled } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call, newIdempotencyKey } from '../../app/api.ts';
import { tellProblem } from '../../ui/tell.tsx';

type RunNowProps = Pick<ButtonProps, 'size' | 'variant' | 'disabled'> & {
  readonly policyId: string;
  readonly label?: string;
  /** The full words for those who hear the button alone, such as in a table; must begin with the label. */
  readonly describedAs?: string;
};

/** Starts a backup of the policy and opens its page. */
export function RunNowButton({ policyId, label = 'Run now', describedAs, ...button }: RunNowProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const run = useMutation({
    mutationFn: () =>
      call('POST /policies/:policyId/run', { params: { policyId }, idempotencyKey: newIdempotencyKey() }),
    onSuccess: async ({ backupId }) => {
      void client.invalidateQueries({ queryKey: ['backups'] });
      await navigate({ to: '/backups/$backupId', params: { backupId } });
    },
    onError: (error) => tellProblem('The backup was not started', error),
  });
  return (
    <Button
      {...button}
      aria-label={describedAs}
      leftSection={<IconPlayerPlayFilled size={14} />}
      loading={run.isPending}
      onClick={() => run.mutate()}
    >
      {label}
    </Button>
  );
}
