import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Menu, UnstyledButton } from '@mantine/core';
import { IconMenu2 } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { AlertsBell } from '../features/alerts/alerts-bell.tsx';
import { MenuLink } from '../ui/links.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { followEvents } from './live.ts';
import classes from './shell.module.css';
import { UserMenu } from './user-menu.tsx';

const ROOMS = [
  { to: '/backups', label: 'Backup Monitor' },
  { to: '/policies', label: 'Policies' },
  { to: '/schedules', label: 'Schedules' },
  { to: '/freezer', label: 'Freezer' },
  { to: '/recover', label: 'Recover' },
  { to: '/recoveries', label: 'Recoveries' },
  { to: '/accounts', label: 'AWS Accounts' },
] as const;

/** The frame of every page behind the sign-in: rooms, user menu, and the live connection. */
export function Shell() {
  const client = useQueryClient();
  useEffect(() => followEvents(client), [client]);
  const main = useFocusOnPageChange();
  return (
    <>
      <a href="#main" className={classes.skip}>
        Skip to the content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/backups" className={classes.brand} aria-label="Cloud Protection Manager: main page">
            <img src="/mark.svg" alt="" width={26} height={26} />
            <span>
              Cloud Protection <span className={classes.brandTail}>Manager</span>
            </span>
          </Link>
          <nav className={classes.rooms} aria-label="Rooms">
            {ROOMS.map(({ to, label }) => (
              <Link
                key={to}
                to={to}
                className={classes.room}
                activeProps={{ 'data-active': true, 'aria-current': 'page' }}
              >
                {label}
              </Link>
            ))}
          </nav>
          <div className={classes.tools}>
            <AlertsBell />
            <UserMenu />
            <RoomsMenu />
          </div>
        </div>
      </header>
      <ConnectionBanner />
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
    </>
  );
}

function RoomsMenu() {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton className={classes.burger} aria-label="Rooms">
          <IconMenu2 size={20} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {ROOMS.map(({ to, label }) => (
          <MenuLink key={to} to={to}>
            {label}
          </MenuLink>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Moves the focus to the new page's content, so that screen readers and keyboards start there; not on the first page. */
function useFocusOnPageChange() {
  const main = useRef<HTMLElement>(null);
  const path = useLocation({ select: ({ pathname }) => pathname });
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
  return main;
}
