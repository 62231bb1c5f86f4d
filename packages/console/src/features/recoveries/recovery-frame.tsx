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
import type { Place } from './place-search.ts';
import { recoveryChoicesQuery } from './queries.ts';

/** All that a recovery form needs to know before it is shown. */
export type RecoverySource = {
  readonly backup: Backup;
  /** The first of the resources, where the form is about one. */
  readonly resource: BackedUpResource;
  readonly resources: readonly BackedUpResource[];
  readonly choices: RecoveryChoices;
  /** Null: where the backup was made. */
  readonly place: Place | null;
  /** Where it goes to, the place or the origin. */
  readonly target: Place;
};

type FrameProps = {
  /** The title, before the name of what is recovered. */
  readonly what: string;
  /** The title where it is not about one resource. */
  readonly title?: string;
  readonly backupId: string;
  readonly resourceIds: readonly string[];
  readonly place: Place | null;
  readonly children: (source: RecoverySource) => ReactNode;
};

/** Loads the backup, the resources and what AWS offers in their region, then shows the form. */
export function RecoveryFrame({ what, title, backupId, resourceIds, place, children }: FrameProps) {
  const backup = useQuery(backupQuery(backupId));
  const all = useQuery(backedUpResourcesQuery(backupId));
  const resources = resourceIds.flatMap((id) => all.data?.items.find((resource) => resource.id === id) ?? []);
  const error = backup.error ?? all.error;
  if (error) return <ReadProblem error={error} onRetry={() => void Promise.all([backup.refetch(), all.refetch()])} />;
  const [resource] = resources;
  if (all.data && (resource === undefined || resources.length < resourceIds.length)) return <NotFoundPage />;
  const name = resource === undefined ? '' : resource.resourceName || resource.resourceId;
  return (
    <Page
      title={title ?? (resource ? `${what} ${name}` : what)}
      trail={
        <TextLink
          to="/backups/$backupId/recover"
          params={{ backupId }}
          search={place === null ? {} : { account: place.accountId, region: place.region }}
        >
          {backup.data ? `Recover from the backup of ${backup.data.policy.name}` : 'Recover'}
        </TextLink>
      }
      lead={
        backup.data && (
          <>
            As it was on <Moment at={backup.data.startedAt} />. Everything left as it is will be as backed up; nothing
            is made before all of it is checked.
          </>
        )
      }
      narrow
    >
      {backup.data && resource ? (
        <Choices backup={backup.data} resource={resource} resources={resources} place={place}>
          {children}
        </Choices>
      ) : (
        <Skeleton height={320} />
      )}
    </Page>
  );
}

type ChoicesProps = Pick<FrameProps, 'children'> & Omit<RecoverySource, 'choices' | 'target'>;

function Choices({ backup, resource, resources, place, children }: ChoicesProps) {
  const accountId = place?.accountId ?? backup.account.id;
  const region = place?.region ?? resource.region;
  const choices = useQuery({ ...recoveryChoicesQuery(accountId ?? '', region), enabled: accountId !== null });
  if (accountId === null) {
    return (
      <Panel>
        <p>The account {backup.account.name} is no longer known to CPM: add it again to recover from this backup.</p>
      </Panel>
    );
  }
  if (choices.error && !choices.data)
    return <ProblemNotice error={choices.error} onRetry={() => void choices.refetch()} />;
  if (!choices.data) return <Skeleton height={320} />;
  return children({ backup, resource, resources, place, choices: choices.data, target: { accountId, region } });
}
