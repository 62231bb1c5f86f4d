import type { Backup } from '@cpm/contract';
import { Button } from '@mantine/core';
import { IconPlayerStop, IconSnowflake, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { tell } from '../../ui/tell.tsx';
import { DeleteBackup } from './delete-backup.tsx';
import { FreezeBackup } from './freeze-backup.tsx';

type OneBackup = { readonly backup: Backup };
type Act = 'abort' | 'freeze' | 'delete';

/** What can be done with a backup by hand: abort it while it runs; freeze or delete it afterwards. */
export function BackupActions({ backup }: OneBackup) {
  const [act, setAct] = useState<Act | null>(null);
  const close = () => setAct(null);
  const isRunning = backup.status === 'in-progress';
  const isGoing = backup.deletion !== null;
  return (
    <>
      {isRunning && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} />}
          disabled={backup.abort !== null}
          onClick={() => setAct('abort')}
        >
          {backup.abort === null ? 'Abort' : 'Aborting…'}
        </Button>
      )}
      {!isRunning && !isGoing && backup.frozen === null && (
        <Button
          variant="default"
          leftSection={<IconSnowflake size={16} />}
          disabled={!backup.recoverable}
          onClick={() => setAct('freeze')}
        >
          Freeze
        </Button>
      )}
      {!isRunning && !isGoing && (
        <Button variant="default" leftSection={<IconTrash size={16} />} onClick={() => setAct('delete')}>
          Delete
        </Button>
      )}
      {act === 'abort' && <AbortBackup backup={backup} onClose={close} />}
      {act === 'freeze' && <FreezeBackup backup={backup} onClose={close} />}
      {act === 'delete' && <DeleteBackup backup={backup} onClose={close} />}
    </>
  );
}

function AbortBackup({ backup, onClose }: OneBackup & { readonly onClose: () => void }) {
  const client = useQueryClient();
  const abort = useMutation({
    mutationFn: () => call('POST /backups/:backupId/abort', { params: { backupId: backup.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['backups'] });
      tell('The backup is being aborted.');
      onClose();
    },
  });
  return (
    <Confirm
      opened
      onClose={onClose}
      title={`Abort this backup of ${backup.policy.name}?`}
      keepLabel="Let it run"
      actLabel="Abort the backup"
      onAct={() => abort.mutate()}
      isBusy={abort.isPending}
      error={abort.error}
    >
      <p>
        It ends as failed and is not tried again. An application that stands still for it is let go on: the script after
        the snapshots runs if the one before was begun.
      </p>
      <p>Snapshots that AWS has completed stay recoverable until retention removes them.</p>
    </Confirm>
  );
}
