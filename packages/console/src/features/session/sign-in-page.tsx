import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { call } from '../../app/api.ts';
import { sessionQuery } from '../../app/session.ts';
import { Door } from '../../ui/door.tsx';
import { FormFrame } from '../../ui/form.tsx';

const route = getRouteApi('/sign-in');
const FIELD_NAMES: Record<string, string> = { name: 'User name', password: 'Password' };

/** Signs in and goes on to the page that was asked for. */
export function SignInPage() {
  const { next } = route.useSearch();
  const client = useQueryClient();
  const router = useRouter();
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const form = useForm({
    initialValues: { name: '', password: '' },
    validate: {
      name: (name) => (name === '' ? 'Give your user name' : null),
      password: (password) => (password === '' ? 'Give your password' : null),
    },
  });
  const signIn = useMutation({
    mutationFn: (body: { name: string; password: string }) => call('POST /session', { body }),
    onSuccess: (session) => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      router.history.push(next ?? '/backups');
    },
  });
  return (
    <Door
      title="Sign in"
      lead={
        next === undefined ? 'Backup and recovery of your AWS resources.' : 'Then you come to the page you asked for.'
      }
    >
      <FormFrame
        label="Sign in"
        submitLabel="Sign in"
        error={signIn.error}
        errors={form.errors}
        fieldNames={(path) => FIELD_NAMES[path] ?? path}
        isBusy={signIn.isPending}
        onSubmit={form.onSubmit((values) => signIn.mutate(values))}
      >
        <TextInput label="User name" required autoComplete="username" ref={first} {...form.getInputProps('name')} />
        <PasswordInput
          label="Password"
          required
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          {...form.getInputProps('password')}
        />
      </FormFrame>
    </Door>
  );
}
