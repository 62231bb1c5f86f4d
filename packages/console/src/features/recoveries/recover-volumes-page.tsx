import { getRouteApi } from '@tanstack/react-router';
import { RecoverVolumesForm } from './recover-volumes-form.tsx';
import { RecoveryFrame } from './recovery-frame.tsx';

const route = getRouteApi('/inside/backups/$backupId/recover-volumes/$resourceId');

/** Makes new volumes out of the snapshots of one backed-up resource. */
export function RecoverVolumesPage() {
  const { backupId, resourceId } = route.useParams();
  return (
    <RecoveryFrame what="Recover volumes of" backupId={backupId} resourceId={resourceId}>
      {(source) => <RecoverVolumesForm {...source} />}
    </RecoveryFrame>
  );
}
