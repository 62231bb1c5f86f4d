import { getRouteApi } from '@tanstack/react-router';
import { Panel } from '../../ui/page.tsx';
import { placeOf } from './place-search.ts';
import { RecoverInstanceForm } from './recover-instance-form.tsx';
import { RecoveryFrame } from './recovery-frame.tsx';

const route = getRouteApi('/inside/backups/$backupId/recover-instance/$resourceId');

/** Launches a new instance out of what was backed up of one. */
export function RecoverInstancePage() {
  const { backupId, resourceId } = route.useParams();
  const place = placeOf(route.useSearch());
  return (
    <RecoveryFrame what="Recover the instance" backupId={backupId} resourceIds={[resourceId]} place={place}>
      {(source) =>
        source.resource.configuration === null ? (
          <Panel>
            <p>{source.resource.cannotRecoverBecause ?? 'This instance cannot be recovered from this backup.'}</p>
          </Panel>
        ) : (
          <RecoverInstanceForm {...source} />
        )
      }
    </RecoveryFrame>
  );
}
