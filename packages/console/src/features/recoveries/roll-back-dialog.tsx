import type { Recovery } from '@cpm/contract';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { toErrors } from '../../ui/form.tsx';
import { SomeOf } from '../../ui/some-of.tsx';
import { CredentialsFields } from './credentials-fields.tsx';
import {
  ACCOUNTS_CREDENTIALS,
  credentialsInput,
  credentialsProblems,
  type CredentialsValues,
} from './credentials-values.ts';
import { counted, OBJECT_KINDS, type PlannedObject } from './object-words.ts';

type DialogProps = { readonly recovery: Recovery; readonly onClose: () => void };

/** Names everything that goes, and asks for the name of what was recovered, before it is taken away again. */
export function RollBackDialog({ recovery, onClose }: DialogProps) {
  const { objects } = recovery.rollBack;
  const form = useForm<{ readonly credentials: CredentialsValues }>({
    initialValues: { credentials: { ...ACCOUNTS_CREDENTIALS, isAccounts: !recovery.usesOwnCredentials } },
    validate: ({ credentials }) => toErrors(credentialsProblems(credentials)),
  });
  const rollBack = useRollBack(recovery, onClose);
  const count = counted(objects.length, 'object');
  return (
    <Confirm
      opened
      onClose={onClose}
      title={`Roll back the recovery of ${recovery.sourceName}?`}
      actLabel={`Roll back ${count}`}
      keepLabel="Not now"
      typedName={nameToType(recovery)}
      onAct={() => {
        if (!form.validate().hasErrors) rollBack.mutate(form.values.credentials);
      }}
      isBusy={rollBack.isPending}
      error={rollBack.error}
    >
      <p>
        {ofAction(objects, 'delete').length === 0
          ? 'Nothing is deleted.'
          : 'These are deleted from AWS, with all that was written to them since:'}
      </p>
      <SomeOf items={ofAction(objects, 'delete').map(describe)} />
      {objects.some(({ action }) => action !== 'delete') && (
        <>
          <p>These are put back into their place:</p>
          <SomeOf items={objects.filter(({ action }) => action !== 'delete').map(describe)} />
        </>
      )}
      {recovery.usesOwnCredentials && (
        <CredentialsFields getInputProps={form.getInputProps} values={form.values.credentials} />
      )}
    </Confirm>
  );
}

/** `web-1 (i-…)` is typed as `web-1`; volumes, which have only their snapshots' ids, by the policy's name. */
function nameToType({ kind, sourceName, policyName }: Recovery): string {
  return kind === 'volumes' ? policyName : sourceName.replace(/ \([^()]*\)$/, '');
}

const ofAction = (objects: readonly PlannedObject[], wanted: PlannedObject['action']) =>
  objects.filter(({ action }) => action === wanted);

const describe = ({ kind, name, note }: PlannedObject) => (
  <span key={`${kind} ${name}`}>
    {OBJECT_KINDS[kind]} <code>{name}</code>
    {note === '' ? '' : `: ${note}`}
  </span>
);

function useRollBack({ id: recoveryId, rollBack: { objects } }: Recovery, onStarted: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: CredentialsValues) =>
      call('POST /recoveries/:recoveryId/roll-back', {
        params: { recoveryId },
        body: { confirmObjects: objects.length, ...credentialsInput(credentials) },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['recoveries'] });
      onStarted();
    },
    onError: () => void client.invalidateQueries({ queryKey: ['recoveries', 'one', recoveryId] }),
  });
}
