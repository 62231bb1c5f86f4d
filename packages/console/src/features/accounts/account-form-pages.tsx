import type { Account } from '@cpm/contract';
import { Button, Skeleton } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call, newIdempotencyKey } from '../../app/api.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { CopyableId } from '../../ui/copy-text.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Moment } from '../../ui/moment.tsx';
import { Facts, Page, Panel } from '../../ui/page.tsx';
import { tell } from '../../ui/tell.tsx';
import { AccountForm, type AccountValues } from './account-form.tsx';
import classes from './account-form-pages.module.css';
import { PermissionsHint } from './permissions-hint.tsx';
import { accountQuery } from './queries.ts';

const trail = <TextLink to="/accounts">AWS Accounts</TextLink>;
const cancel = (
  <ButtonLink to="/accounts" variant="default">
    Cancel
  </ButtonLink>
);
const NEW_ACCOUNT: AccountValues = {
  name: '',
  kind: 'backup',
  accessKeyId: '',
  secretAccessKey: '',
  scanResources: false,
  mayDeleteSnapshots: true,
};

/** Adds an AWS account; AWS's refusal is shown as AWS says it, and nothing is stored. */
export function NewAccountPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: (body: AccountValues) => call('POST /accounts', { body, idempotencyKey: newIdempotencyKey() }),
    onSuccess: async ({ name, awsAccountNumber }) => {
      void client.invalidateQueries({ queryKey: ['accounts'] });
      tell(`${name} is added: AWS account ${awsAccountNumber}.`);
      await navigate({ to: '/accounts' });
    },
  });
  return (
    <Page title="Add an AWS account" trail={trail}>
      <div className={classes.columns}>
        <Panel>
          <AccountForm
            initial={NEW_ACCOUNT}
            submitLabel="Verify and add"
            onSubmit={(values) => create.mutate(values)}
            error={create.error}
            isBusy={create.isPending}
            cancel={cancel}
          />
        </Panel>
        <PermissionsHint />
      </div>
    </Page>
  );
}

const route = getRouteApi('/inside/accounts/$accountId');

/** One account: whom AWS takes its key for; rename, rotate the key, remove. */
export function EditAccountPage() {
  const { accountId } = route.useParams();
  const { data: account, error, refetch } = useQuery(accountQuery(accountId));
  const [isDeleting, setDeleting] = useState(false);
  if (error && !account) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title={account?.name ?? 'AWS account'}
      trail={trail}
      actions={
        <Button
          variant="default"
          leftSection={<IconTrash size={16} />}
          disabled={!account}
          onClick={() => setDeleting(true)}
        >
          Remove
        </Button>
      }
    >
      {account ? (
        <>
          <AccountFacts account={account} />
          <div className={classes.columns}>
            <Panel title="Change">
              <AccountChange key={accountId} loaded={account} />
            </Panel>
            <PermissionsHint />
          </div>
          <RemoveAccount account={account} opened={isDeleting} onClose={() => setDeleting(false)} />
        </>
      ) : (
        <Skeleton height={420} />
      )}
    </Page>
  );
}

function AccountFacts({ account }: { readonly account: Account }) {
  return (
    <Panel>
      <Facts
        facts={[
          ['AWS account', <CopyableId key="number" id={account.awsAccountNumber} />],
          ['AWS takes its key for', <CopyableId key="arn" id={account.arn} />],
          ['Access key', <CopyableId key="key" id={account.accessKeyId} />],
          ['Verified', <Moment key="verified" at={account.verifiedAt} />],
          ['Policies', account.policyCount],
        ]}
      />
    </Panel>
  );
}

function AccountChange({ loaded }: { readonly loaded: Account }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { name, kind, scanResources, mayDeleteSnapshots } = loaded;
  const change = useMutation({
    mutationFn: ({ accessKeyId, secretAccessKey, kind: _fixed, ...values }: AccountValues) =>
      call('PATCH /accounts/:accountId', {
        params: { accountId: loaded.id },
        body: { ...values, ...(accessKeyId === '' ? {} : { accessKeyId, secretAccessKey }) },
      }),
    onSuccess: async (saved) => {
      void client.invalidateQueries({ queryKey: ['accounts'] });
      tell(`${saved.name} is saved.`);
      await navigate({ to: '/accounts' });
    },
  });
  return (
    <AccountForm
      initial={{ name, kind, accessKeyId: '', secretAccessKey: '', scanResources, mayDeleteSnapshots }}
      isChange
      submitLabel="Save the account"
      onSubmit={(values) => change.mutate(values)}
      error={change.error}
      isBusy={change.isPending}
      cancel={cancel}
    />
  );
}

type RemoveAccountProps = { readonly account: Account; readonly opened: boolean; readonly onClose: () => void };

function RemoveAccount({ account, opened, onClose }: RemoveAccountProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => call('DELETE /accounts/:accountId', { params: { accountId: account.id } }),
    onSuccess: async () => {
      await navigate({ to: '/accounts' });
      client.removeQueries({ queryKey: ['accounts', 'one', account.id] });
      void client.invalidateQueries({ queryKey: ['accounts'] });
      tell(`${account.name} is removed.`);
    },
  });
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={`Remove the account ${account.name}?`}
      actLabel="Remove the account"
      onAct={() => remove.mutate()}
      isBusy={remove.isPending}
      error={remove.error}
      typedName={account.name}
    >
      <p>
        CPM forgets its key. An account that a policy or a kept backup uses is not removed; nothing in AWS is touched.
      </p>
    </Confirm>
  );
}
