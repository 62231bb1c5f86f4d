import type { Backup } from '@cpm/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { tell } from '../../ui/tell.tsx';
import { FrozenForm } from '../backups/frozen-form.tsx';

/** Changes the name and the description of a frozen backup. */
export function RenameFrozen({ backup, onClose }: { readonly backup: Backup; readonly onClose: () => void }) {
  const client = useQueryClient();
  const rename = useMutation({
    mutationFn: (body: { name: string; description: string }) =>
      call('PATCH /freezer/:backupId', { params: { backupId: backup.id }, body }),
    onSuccess: ({ frozen }) => {
      for (const noun of ['backups', 'freezer']) void client.invalidateQueries({ queryKey: [noun] });
      tell(`${frozen?.name ?? 'It'} is saved.`);
      onClose();
    },
  });
  const { name = '', description = '' } = backup.frozen ?? {};
  return (
    <Dialog opened onClose={onClose} title={`Name and description of ${name}`}>
      <FrozenForm
        initial={{ name, description }}
        submitLabel="Save"
        onSubmit={(values) => rename.mutate(values)}
        onCancel={onClose}
        error={rename.error}
        isBusy={rename.isPending}
      />
    </Dialog>
  );
}
