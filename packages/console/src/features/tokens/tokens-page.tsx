import type { ApiToken } from '@cpm/contract';
import { Button } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import type { PageSearch } from '../../ui/page-search.ts';
import { PagedList } from '../../ui/paged-list.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { tell } from '../../ui/tell.tsx';
import { NewToken } from './new-token.tsx';

const route = getRouteApi('/inside/tokens');

const tokensQuery = ({ limit, cursor }: PageSearch) =>
  queryOptions({
    queryKey: ['tokens', limit, cursor],
    queryFn: ({ signal }) => call('GET /tokens', { query: { limit, cursor }, signal }),
    placeholderData: keepPreviousData,
  });

/** The user's API tokens: make one, see when each was used, end one. */
export function TokensPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(tokensQuery(search));
  const [isMaking, setMaking] = useState(false);
  const [ending, setEnding] = useState<ApiToken | null>(null);
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      New token
    </Button>
  );
  const isEmpty = query.data?.items.length === 0;
  return (
    <Page
      title="API tokens"
      lead="For the command line and for programs. A token may do all that you may."
      actions={isEmpty ? undefined : create}
    >
      <PagedList
        noun="token"
        label="API tokens"
        title="Your tokens"
        tools={<ZoneSwitch />}
        query={query}
        columns={columnsOf(setEnding)}
        rowId={({ id }) => id}
        search={search}
        onPage={(page, trail) => void navigate({ search: page, state: { trail } })}
        empty={{
          Sign: IconKey,
          title: 'No token yet',
          text: 'A token stands for you in the header “Authorization: Bearer”.',
          action: create,
        }}
      />
      <Dialog opened={isMaking} onClose={() => setMaking(false)} title="New API token" closeOnClickOutside={false}>
        <NewToken onClose={() => setMaking(false)} />
      </Dialog>
      {ending && <EndToken token={ending} onClose={() => setEnding(null)} />}
    </Page>
  );
}

const columnsOf = (onEnd: (token: ApiToken) => void): readonly Column<ApiToken>[] => [
  { id: 'name', header: 'Name', wrap: true, cell: ({ name }) => name },
  { id: 'prefix', header: 'Begins with', cell: ({ prefix }) => <code>{prefix}…</code> },
  { id: 'created', header: 'Made', cell: ({ createdAt }) => <Moment at={createdAt} /> },
  {
    id: 'expires',
    header: 'Ends',
    cell: ({ expiresAt }) => (expiresAt === null ? 'Never' : <Moment at={expiresAt} />),
  },
  {
    id: 'used',
    header: 'Last used',
    cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'Never' : <Moment at={lastUsedAt} />),
  },
  {
    id: 'end',
    header: 'Actions',
    isHeaderHidden: true,
    tight: true,
    cell: (token) => (
      <Button size="compact-sm" variant="default" aria-label={`End ${token.name}`} onClick={() => onEnd(token)}>
        End
      </Button>
    ),
  },
];

function EndToken({ token, onClose }: { readonly token: ApiToken; readonly onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => call('DELETE /tokens/:tokenId', { params: { tokenId: token.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['tokens'] });
      tell(`The token ${token.name} is ended.`);
      onClose();
    },
  });
  return (
    <Confirm
      opened
      onClose={onClose}
      title={`End the token ${token.name}?`}
      actLabel="End the token"
      onAct={() => remove.mutate()}
      isBusy={remove.isPending}
      error={remove.error}
    >
      <p>Programs that use it are refused from now on.</p>
    </Confirm>
  );
}
