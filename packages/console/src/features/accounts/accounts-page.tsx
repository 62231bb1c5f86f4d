import type { Account } from '@cpm/contract';
import { Button } from '@mantine/core';
import { IconCloudPlus, IconPlus, IconShieldCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import type { SortValues } from '../../app/list-search.ts';
import type { Column } from '../../ui/data-table.tsx';
import { CopyableId } from '../../ui/copy-text.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { ListPanel } from '../../ui/list-panel.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { tell, tellProblem } from '../../ui/tell.tsx';
import { Warnings } from '../../ui/warnings.tsx';
import classes from './accounts-page.module.css';
import { accountsQuery } from './queries.ts';

const route = getRouteApi('/inside/accounts');

/** The AWS accounts that CPM can use, and whether AWS still takes their keys. */
export function AccountsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(accountsQuery);
  const create = (
    <ButtonLink to="/accounts/new" leftSection={<IconPlus size={16} />}>
      Add an account
    </ButtonLink>
  );
  return (
    <Page title="AWS Accounts" actions={create}>
      <ListPanel
        noun="account"
        nouns="accounts"
        query={query}
        columns={COLUMNS}
        sortValues={SORT_VALUES}
        defaultSort="name"
        search={search}
        onSearch={(next) => void navigate({ search: next, replace: true })}
        textsOf={({ name, awsAccountNumber, accessKeyId }) => [name, awsAccountNumber, accessKeyId]}
        tools={<ZoneSwitch />}
        empty={{
          Sign: IconCloudPlus,
          title: 'No account yet',
          text: 'CPM reaches AWS with an access key of your account; the secret key is kept encrypted and never shown again.',
          action: create,
        }}
      />
    </Page>
  );
}

const SORT_VALUES: SortValues<Account> = {
  name: ({ name }) => name,
  number: ({ awsAccountNumber }) => awsAccountNumber,
  policies: ({ policyCount }) => policyCount,
  verified: ({ verifiedAt }) => verifiedAt,
};

const COLUMNS: readonly Column<Account>[] = [
  {
    id: 'name',
    header: 'Account',
    wrap: true,
    sortKey: 'name',
    cell: ({ id, name, warnings }) => (
      <div className={classes.name}>
        <TextLink to="/accounts/$accountId" params={{ accountId: id }}>
          {name}
        </TextLink>
        <Warnings warnings={warnings} />
      </div>
    ),
  },
  { id: 'kind', header: 'Use', cell: ({ kind }) => (kind === 'backup' ? 'Backup' : 'Disaster recovery') },
  {
    id: 'number',
    header: 'AWS account',
    sortKey: 'number',
    cell: ({ awsAccountNumber }) => <CopyableId id={awsAccountNumber} />,
  },
  { id: 'key', header: 'Access key', cell: ({ accessKeyId }) => <CopyableId id={accessKeyId} /> },
  { id: 'policies', header: 'Policies', sortKey: 'policies', align: 'end', cell: ({ policyCount }) => policyCount },
  { id: 'verified', header: 'Verified', sortKey: 'verified', cell: ({ verifiedAt }) => <Moment at={verifiedAt} /> },
  {
    id: 'verify',
    header: 'Actions',
    isHeaderHidden: true,
    tight: true,
    cell: (account) => <VerifyButton account={account} />,
  },
];

/** Asks AWS whether it still takes the key. */
function VerifyButton({ account: { id, name } }: { readonly account: Account }) {
  const client = useQueryClient();
  const verify = useMutation({
    mutationFn: () => call('POST /accounts/:accountId/verify', { params: { accountId: id } }),
    onSuccess: ({ arn }) => {
      void client.invalidateQueries({ queryKey: ['accounts'] });
      tell(`AWS takes the key of ${name} for ${arn}.`);
    },
    onError: (error) => tellProblem(`${name} could not be verified`, error),
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconShieldCheck size={14} />}
      aria-label={`Verify ${name}`}
      loading={verify.isPending}
      onClick={() => verify.mutate()}
    >
      Verify
    </Button>
  );
}
