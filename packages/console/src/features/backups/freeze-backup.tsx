import type { Backup } from '@cpm/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { tell } from '../../ui/tell.tsx';
import { FrozenForm } from './frozen-form.tsx';

type FreezeBackupProps = { readonly backup: Backup; readonly onClose: () => void };

/** Moves a backup into the freezer under a name. */
export function FreezeBackup({ backup, onClose }: FreezeBackupProps) {
  const client = useQueryClient();
  const freeze = useMutation({
    mutationFn: (body: { name: string; description: string }) =>
      call('POST /backups/:backupId/freeze', { params: { backupId: backup.id }, body }),
    onSuccess: ({ frozen }) => {
      for (const noun of ['backups', 'freezer']) void client.invalidateQueries({ queryKey: [noun] });
      tell(`The backup is in the freezer as ${frozen?.name ?? 'named'}.`);
      onClose();
    },
  });
  return (
    <Dialog opened onClose={onClose} title={`Freeze this backup of ${backup.policy.name}`}>
      <FrozenForm
        initial={{ name: '', description: '' }}
        lead="It stays, with its snapshots, until somebody deletes it by hand: retention passes it by, and it survives its policy. AWS keeps charging for its snapshots."
        submitLabel="Freeze the backup"
        onSubmit={(values) => freeze.mutate(values)}
        onCancel={onClose}
        error={freeze.error}
        isBusy={freeze.isPending}
      />
    </Dialog>
  );
}
