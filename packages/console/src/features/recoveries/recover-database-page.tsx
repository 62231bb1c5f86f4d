import { isDatabaseKind } from '@cpm/core';
import { getRouteApi } from '@tanstack/react-router';
import { Panel } from '../../ui/page.tsx';
import { placeOf } from './place-search.ts';
import { RecoverDatabaseForm } from './recover-database-form.tsx';
import { RecoveryFrame } from './recovery-frame.tsx';

const route = getRouteApi('/inside/backups/$backupId/recover-database/$resourceId');

/** Makes a database, a database cluster or a Redshift cluster out of its snapshot. */
export function RecoverDatabasePage() {
  const { backupId, resourceId } = route.useParams();
  const place = placeOf(route.useSearch());
  return (
    <RecoveryFrame what="Recover" backupId={backupId} resourceIds={[resourceId]} place={place}>
      {(source) =>
        isDatabaseKind(source.resource.kind) ? (
          <RecoverDatabaseForm {...source} />
        ) : (
          <Panel>
            <p>This is no database: go back and choose another way.</p>
          </Panel>
        )
      }
    </RecoveryFrame>
  );
}
