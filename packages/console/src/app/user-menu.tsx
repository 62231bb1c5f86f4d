import { Menu, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import {
  IconArrowsDiff,
  IconCheck,
  IconChevronDown,
  IconDeviceDesktop,
  IconKey,
  IconLogout,
  IconMoon,
  IconSettings,
  IconSun,
  IconTrash,
  IconUser,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { MenuLink } from '../ui/links.tsx';
import { call } from './api.ts';
import { useSession } from './session.ts';
import classes from './user-menu.module.css';

const SCHEMES = [
  { value: 'light', label: 'Light', Sign: IconSun },
  { value: 'dark', label: 'Dark', Sign: IconMoon },
  { value: 'auto', label: 'Like the system', Sign: IconDeviceDesktop },
] as const satisfies readonly { value: MantineColorScheme; label: string; Sign: typeof IconSun }[];

/** Who is signed in; tokens, appearance, sign out. */
export function UserMenu() {
  const { user } = useSession();
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton className={classes.user} aria-label={`User ${user.name}`}>
          <IconUser size={18} aria-hidden />
          <span className={classes.name}>{user.name}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name}
          {user.email !== '' && ` · ${user.email}`}
        </Menu.Label>
        <MenuLink to="/tokens" leftSection={<IconKey size={16} />}>
          API tokens
        </MenuLink>
        <MenuLink to="/reconciliation" leftSection={<IconArrowsDiff size={16} />}>
          Comparison with AWS
        </MenuLink>
        <MenuLink to="/deletions" leftSection={<IconTrash size={16} />}>
          Deletions
        </MenuLink>
        {user.kind === 'root' && (
          <MenuLink to="/settings" leftSection={<IconSettings size={16} />}>
            General settings
          </MenuLink>
        )}
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        <SchemeItems />
        <Menu.Divider />
        <SignOutItem />
      </Menu.Dropdown>
    </Menu>
  );
}

function SchemeItems() {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return SCHEMES.map(({ value, label, Sign }) => (
    <Menu.Item
      key={value}
      leftSection={<Sign size={16} />}
      rightSection={value === colorScheme ? <IconCheck size={14} aria-label="chosen" /> : null}
      onClick={() => setColorScheme(value)}
    >
      {label}
    </Menu.Item>
  ));
}

function SignOutItem() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => call('DELETE /session', {}),
    onSettled: async () => {
      await navigate({ to: '/sign-in' });
      client.clear();
    },
  });
  return (
    <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut.mutate()}>
      Sign out
    </Menu.Item>
  );
}
