import type { Policy, Target } from '@cpm/contract';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconPlus, IconServer2, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import type { Column } from '../../ui/data-table.tsx';
import { CopyableId } from '../../ui/copy-text.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { ListFrame } from '../../ui/list-frame.tsx';
import { tellProblem } from '../../ui/tell.tsx';
import { KIND_NAMES } from '../accounts/kinds.ts';
import { targetsQuery } from './queries.ts';
import { VolumeChoice } from './volume-choice.tsx';

/** What a policy backs up; volumes of each instance can be chosen here. */
export function TargetsPanel({ policy }: { readonly policy: Policy }) {
  const query = useQuery(targetsQuery(policy.id));
  const isEmpty = query.data?.items.length === 0;
  const add = (
    <ButtonLink
      to="/policies/$policyId/add-targets"
      params={{ policyId: policy.id }}
      size="xs"
      variant={isEmpty ? 'filled' : 'default'}
      leftSection={<IconPlus size={14} />}
    >
      Add targets
    </ButtonLink>
  );
  return (
    <ListFrame
      label="Targets"
      title="Targets"
      tools={isEmpty ? undefined : add}
      query={query}
      rows={query.data?.items}
      rowId={({ id }) => id}
      columns={columnsOf(policy)}
      skeletonRows={3}
      empty={{
        Sign: IconServer2,
        title: 'No target yet',
        text: 'Choose what this policy backs up: instances, volumes, databases and clusters of any region.',
        action: add,
      }}
    />
  );
}

const columnsOf = (policy: Policy): readonly Column<Target>[] => [
  { id: 'name', header: 'Name', wrap: true, cell: ({ resourceName }) => (resourceName === '' ? '–' : resourceName) },
  { id: 'id', header: 'Id', cell: ({ resourceId }) => <CopyableId id={resourceId} /> },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => KIND_NAMES[kind][0] },
  { id: 'region', header: 'Region', cell: ({ region }) => region },
  { id: 'volumes', header: 'Backed up', cell: (target) => <VolumeChoice policy={policy} target={target} /> },
  {
    id: 'remove',
    header: 'Actions',
    isHeaderHidden: true,
    tight: true,
    cell: (target) => <RemoveTarget policyId={policy.id} target={target} />,
  },
];

function RemoveTarget({ policyId, target }: { readonly policyId: string; readonly target: Target }) {
  const client = useQueryClient();
  const name = target.resourceName || target.resourceId;
  const remove = useMutation({
    mutationFn: () =>
      call('DELETE /policies/:policyId/targets/:targetId', { params: { policyId, targetId: target.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['policies'] });
      void client.invalidateQueries({ queryKey: ['resources'] });
    },
    onError: (error) => tellProblem(`${name} was not taken out`, error),
  });
  return (
    <Tooltip label="Take out of the policy; its snapshots stay">
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Take ${name} out of the policy`}
        loading={remove.isPending}
        onClick={() => remove.mutate()}
      >
        <IconX size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
