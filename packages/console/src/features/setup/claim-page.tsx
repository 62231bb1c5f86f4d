import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { sessionQuery } from '../../app/session.ts';
import { Door } from '../../ui/door.tsx';
import { FormFrame, useServerProblems } from '../../ui/form.tsx';

const FIELD_NAMES: Record<string, string> = {
  secret: 'Claim secret',
  name: 'User name',
  email: 'E-mail',
  password: 'Password',
};
const SHORTEST_PASSWORD = 8;

/** Makes the first user of a new server, who owns it. */
export function ClaimPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { secret: '', name: 'root', email: '', password: '' },
    validate: {
      secret: (secret) => (secret.trim() === '' ? 'Copy it from where the server was started' : null),
      name: (name) => (name.trim() === '' ? 'Give a user name' : null),
      email: (email) => (/^\S+@\S+$/.test(email) ? null : 'Give an e-mail address'),
      password: (password) => (password.length < SHORTEST_PASSWORD ? `At least ${SHORTEST_PASSWORD} characters` : null),
    },
  });
  const claim = useMutation({
    mutationFn: (body: typeof form.values) =>
      call('POST /setup/claim', { body: { ...body, secret: body.secret.trim() } }),
    onSuccess: async (session) => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: '/backups' });
    },
  });
  useServerProblems(form.setErrors, claim.error);
  return (
    <Door
      title="Claim this server"
      lead="It has no user yet. Whoever started it has the claim secret: the server printed it on its own console."
    >
      <FormFrame
        label="Claim this server"
        submitLabel="Claim and sign in"
        error={claim.error}
        errors={form.errors}
        fieldNames={(path) => FIELD_NAMES[path] ?? path}
        isBusy={claim.isPending}
        onSubmit={form.onSubmit((values) => claim.mutate(values))}
      >
        <TextInput
          label="Claim secret"
          required
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('secret')}
        />
        <TextInput
          label="User name"
          required
          description="The root user, who owns this server."
          autoComplete="username"
          {...form.getInputProps('name')}
        />
        <TextInput label="E-mail" required type="email" autoComplete="email" {...form.getInputProps('email')} />
        <PasswordInput
          label="Password"
          required
          description={`At least ${SHORTEST_PASSWORD} characters; a sentence is best.`}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          {...form.getInputProps('password')}
        />
      </FormFrame>
    </Door>
  );
}
