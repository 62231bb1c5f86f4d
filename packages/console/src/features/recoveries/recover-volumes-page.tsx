import { getRouteApi } from '@tanstack/react-router';
import { idsOf, placeOf } from './place-search.ts';
import { RecoverVolumesForm } from './recover-volumes-form.tsx';
import { RecoveryFrame } from './recovery-frame.tsx';

const route = getRouteApi('/inside/backups/$backupId/recover-volumes/$resourceId');
const independent = getRouteApi('/inside/backups/$backupId/recover-volumes');

/** Makes new volumes out of the snapshots of one backed-up resource. */
export function RecoverVolumesPage() {
  const { backupId, resourceId } = route.useParams();
  const place = placeOf(route.useSearch());
  return (
    <RecoveryFrame what="Recover volumes of" backupId={backupId} resourceIds={[resourceId]} place={place}>
      {(source) => <RecoverVolumesForm {...source} />}
    </RecoveryFrame>
  );
}

/** The same for volumes that were backed up by themselves. */
export function RecoverIndependentVolumesPage() {
  const { backupId } = independent.useParams();
  const search = independent.useSearch();
  return (
    <RecoveryFrame
      what="Recover"
      title="Recover independent volumes"
      backupId={backupId}
      resourceIds={idsOf(search)}
      place={placeOf(search)}
    >
      {(source) => <RecoverVolumesForm {...source} />}
    </RecoveryFrame>
  );
}
