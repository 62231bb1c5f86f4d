import type { BackedUpResource, Backup, RecoveryChoices } from '@cpm/contract';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { NotFoundPage, ReadProblem } from '../../app/other-pages.tsx';
import { TextLink } from '../../ui/links.tsx';
import { Moment } from '../../ui/moment.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { backedUpResourcesQuery, backupQuery } from '../backups/queries.ts';
import { recoveryChoicesQuery } from './queries.ts';

/** All that a recovery form needs to know before it is shown. */
export type RecoverySource = {
  readonly backup: Backup;
  readonly resource: BackedUpResource;
  readonly choices: RecoveryChoices;
};

type FrameProps = {
  readonly what: string;
  readonly backupId: string;
  readonly resourceId: string;
  readonly children: (source: RecoverySource) => ReactNode;
};

/** Loads the backup, the resource and what AWS offers in its region, then shows the form. */
export function RecoveryFrame({ what, backupId, resourceId, children }: FrameProps) {
  const backup = useQuery(backupQuery(backupId));
  const resources = useQuery(backedUpResourcesQuery(backupId));
  const resource = resources.data?.items.find(({ id }) => id === resourceId);
  const error = backup.error ?? resources.error;
  if (error)
    return <ReadProblem error={error} onRetry={() => void Promise.all([backup.refetch(), resources.refetch()])} />;
  if (resources.data && !resource) return <NotFoundPage />;
  const name = resource === undefined ? '' : resource.resourceName || resource.resourceId;
  return (
    <Page
      title={resource ? `${what} ${name}` : what}
      trail={
        <TextLink to="/backups/$backupId" params={{ backupId }}>
          {backup.data ? `Backup of ${backup.data.policy.name}` : 'Backup'}
        </TextLink>
      }
      lead={
        backup.data && (
          <>
            As it was on <Moment at={backup.data.startedAt} />. Everything left empty is as backed up; nothing is made
            before all of it is checked.
          </>
        )
      }
      narrow
    >
      {backup.data && resource ? (
        <Choices backup={backup.data} resource={resource}>
          {children}
        </Choices>
      ) : (
        <Skeleton height={320} />
      )}
    </Page>
  );
}

type ChoicesProps = Pick<FrameProps, 'children'> & Omit<RecoverySource, 'choices'>;

function Choices({ backup, resource, children }: ChoicesProps) {
  const accountId = backup.account.id;
  const choices = useQuery({ ...recoveryChoicesQuery(accountId ?? '', resource.region), enabled: accountId !== null });
  if (accountId === null) {
    return (
      <Panel>
        <p>The account {backup.account.name} is no longer known to CPM: add it again to recover from this backup.</p>
      </Panel>
    );
  }
  if (choices.error && !choices.data)
    return <ProblemNotice error={choices.error} onRetry={() => void choices.refetch()} />;
  return choices.data ? children({ backup, resource, choices: choices.data }) : <Skeleton height={320} />;
}
