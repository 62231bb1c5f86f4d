import { getRouteApi } from '@tanstack/react-router';
import { Panel } from '../../ui/page.tsx';
import { RecoverInstanceForm } from './recover-instance-form.tsx';
import { RecoveryFrame } from './recovery-frame.tsx';

const route = getRouteApi('/inside/backups/$backupId/recover-instance/$resourceId');

/** Launches a new instance out of the snapshots of one backed-up instance. */
export function RecoverInstancePage() {
  const { backupId, resourceId } = route.useParams();
  return (
    <RecoveryFrame what="Recover the instance" backupId={backupId} resourceId={resourceId}>
      {(source) =>
        source.resource.canRecoverInstance ? (
          <RecoverInstanceForm {...source} />
        ) : (
          <Panel>
            <p>{source.resource.cannotRecoverBecause ?? 'This instance cannot be recovered from this backup.'}</p>
          </Panel>
        )
      }
    </RecoveryFrame>
  );
}
