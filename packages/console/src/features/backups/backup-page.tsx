import { Skeleton } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { LogPanel } from '../../ui/log-panel.tsx';
import { ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { BackedUpResources } from './backed-up-resources.tsx';
import { BackupActions } from './backup-actions.tsx';
import { BackupScripts } from './backup-scripts.tsx';
import { BackupSummary } from './backup-summary.tsx';
import { backupQuery, isRecoverable } from './queries.ts';

const route = getRouteApi('/inside/backups/$backupId');

/** One backup: how it goes or went, what it holds, its log, and the ways to recover. */
export function BackupPage() {
  const { backupId } = route.useParams();
  const { data: backup, error, refetch } = useQuery(backupQuery(backupId));
  if (error && !backup) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title={backup ? `Backup of ${backup.policy.name}` : 'Backup'}
      trail={<TextLink to="/backups">Backup Monitor</TextLink>}
      actions={
        <>
          <ZoneSwitch />
          {backup && <BackupActions backup={backup} />}
          <ButtonLink to="/recoveries" search={{ backupId }} variant="default">
            Its recoveries
          </ButtonLink>
          {backup && isRecoverable(backup) && (
            <ButtonLink to="/backups/$backupId/recover" params={{ backupId }} leftSection={<IconRestore size={16} />}>
              Recover
            </ButtonLink>
          )}
        </>
      }
    >
      {backup ? <BackupSummary backup={backup} /> : <Skeleton height={170} />}
      {backup && <BackedUpResources backup={backup} />}
      {backup && <BackupScripts backup={backup} />}
      <LogPanel
        queryKey={['backups', 'log', backupId]}
        readLog={(query, signal) => call('GET /backups/:backupId/log', { params: { backupId }, query, signal })}
        fileName={`backup-${backup?.policy.name ?? ''}-${backupId}.log`}
      />
    </Page>
  );
}
