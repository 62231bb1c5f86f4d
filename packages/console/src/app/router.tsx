import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { readAlertsSearch } from '../features/alerts/alerts-search.ts';
import { readMonitorSearch } from '../features/backups/monitor-search.ts';
import { readDeletionsSearch } from '../features/deletions/deletions-search.ts';
import { readFreezerSearch } from '../features/freezer/freezer-search.ts';
import { readPickerSearch } from '../features/policies/picker-search.ts';
import { readRetentionSearch } from '../features/policies/retention-search.ts';
import { readFindingsSearch } from '../features/reconciliation/findings-search.ts';
import { readPlaceSearch, readResourcesSearch } from '../features/recoveries/place-search.ts';
import { readPointsSearch, readRecoverSearch } from '../features/recoveries/recover-search.ts';
import { readRecoveriesSearch } from '../features/recoveries/recoveries-search.ts';
import { readSignInSearch } from '../features/session/sign-in-search.ts';
import { readPageSearch } from '../ui/page-search.ts';
import { isSignedOut } from './api.ts';
import { readListSearch } from './list-search.ts';
import { BrokenConsole, BrokenPage, LostPage, NotFoundPage } from './other-pages.tsx';
import { sessionQuery, setupQuery } from './session.ts';
import { Shell } from './shell.tsx';

type Context = { readonly queryClient: QueryClient };

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: LostPage,
  errorComponent: BrokenConsole,
});

const claim = createRoute({
  getParentRoute: () => root,
  path: '/claim',
  beforeLoad: async ({ context: { queryClient } }) => {
    const { claimed } = await queryClient.fetchQuery(setupQuery);
    if (claimed) throw redirect({ to: '/sign-in', search: {} });
  },
  component: lazyRouteComponent(() => import('../features/setup/claim-page.tsx'), 'ClaimPage'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: readSignInSearch,
  beforeLoad: async ({ context: { queryClient } }) => {
    const { claimed } = await queryClient.fetchQuery(setupQuery);
    if (!claimed) throw redirect({ to: '/claim' });
  },
  component: lazyRouteComponent(() => import('../features/session/sign-in-page.tsx'), 'SignInPage'),
});

/** Everything behind the sign-in; whoever is not signed in comes back to the page asked for. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ context: { queryClient }, location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      const next = location.href === '/' || location.href === '/backups' ? undefined : location.href;
      throw redirect({ to: '/sign-in', search: { next } });
    }
  },
  component: Shell,
  errorComponent: BrokenConsole,
});

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/backups' });
  },
});

const monitor = createRoute({
  getParentRoute: () => inside,
  path: '/backups',
  validateSearch: readMonitorSearch,
  component: lazyRouteComponent(() => import('../features/backups/monitor-page.tsx'), 'MonitorPage'),
});
const backup = createRoute({
  getParentRoute: () => inside,
  path: '/backups/$backupId',
  component: lazyRouteComponent(() => import('../features/backups/backup-page.tsx'), 'BackupPage'),
});
const recoveryPanel = createRoute({
  getParentRoute: () => inside,
  path: '/backups/$backupId/recover',
  validateSearch: readPlaceSearch,
  component: lazyRouteComponent(() => import('../features/recoveries/recovery-panel-page.tsx'), 'RecoveryPanelPage'),
});
const recoverVolumes = createRoute({
  getParentRoute: () => inside,
  path: '/backups/$backupId/recover-volumes/$resourceId',
  validateSearch: readPlaceSearch,
  component: lazyRouteComponent(() => import('../features/recoveries/recover-volumes-page.tsx'), 'RecoverVolumesPage'),
});
const recoverIndependentVolumes = createRoute({
  getParentRoute: () => inside,
  path: '/backups/$backupId/recover-volumes',
  validateSearch: readResourcesSearch,
  component: lazyRouteComponent(
    () => import('../features/recoveries/recover-volumes-page.tsx'),
    'RecoverIndependentVolumesPage',
  ),
});
const recoverInstance = createRoute({
  getParentRoute: () => inside,
  path: '/backups/$backupId/recover-instance/$resourceId',
  validateSearch: readPlaceSearch,
  component: lazyRouteComponent(
    () => import('../features/recoveries/recover-instance-page.tsx'),
    'RecoverInstancePage',
  ),
});
const recoverInstances = createRoute({
  getParentRoute: () => inside,
  path: '/backups/$backupId/recover-instances',
  validateSearch: readResourcesSearch,
  component: lazyRouteComponent(
    () => import('../features/recoveries/recover-instances-page.tsx'),
    'RecoverInstancesPage',
  ),
});
const recoverDatabase = createRoute({
  getParentRoute: () => inside,
  path: '/backups/$backupId/recover-database/$resourceId',
  validateSearch: readPlaceSearch,
  component: lazyRouteComponent(
    () => import('../features/recoveries/recover-database-page.tsx'),
    'RecoverDatabasePage',
  ),
});
const recoverRoom = createRoute({
  getParentRoute: () => inside,
  path: '/recover',
  validateSearch: readRecoverSearch,
  component: lazyRouteComponent(() => import('../features/recoveries/recover-room-page.tsx'), 'RecoverRoomPage'),
});
const recoveryPoints = createRoute({
  getParentRoute: () => inside,
  path: '/recover/points',
  validateSearch: readPointsSearch,
  component: lazyRouteComponent(() => import('../features/recoveries/recovery-points-page.tsx'), 'RecoveryPointsPage'),
});

const policies = createRoute({
  getParentRoute: () => inside,
  path: '/policies',
  validateSearch: readListSearch,
  component: lazyRouteComponent(() => import('../features/policies/policies-page.tsx'), 'PoliciesPage'),
});
const newPolicy = createRoute({
  getParentRoute: () => inside,
  path: '/policies/new',
  component: lazyRouteComponent(() => import('../features/policies/new-policy-page.tsx'), 'NewPolicyPage'),
});
const policy = createRoute({
  getParentRoute: () => inside,
  path: '/policies/$policyId',
  component: lazyRouteComponent(() => import('../features/policies/policy-page.tsx'), 'PolicyPage'),
});
const editPolicy = createRoute({
  getParentRoute: () => inside,
  path: '/policies/$policyId/edit',
  component: lazyRouteComponent(() => import('../features/policies/edit-policy-page.tsx'), 'EditPolicyPage'),
});
const addTargets = createRoute({
  getParentRoute: () => inside,
  path: '/policies/$policyId/add-targets',
  validateSearch: readPickerSearch,
  component: lazyRouteComponent(() => import('../features/policies/add-targets-page.tsx'), 'AddTargetsPage'),
});

const dryRun = createRoute({
  getParentRoute: () => inside,
  path: '/policies/$policyId/dry-run',
  component: lazyRouteComponent(() => import('../features/policies/dry-run-page.tsx'), 'DryRunPage'),
});
const retention = createRoute({
  getParentRoute: () => inside,
  path: '/policies/$policyId/retention',
  validateSearch: readRetentionSearch,
  component: lazyRouteComponent(() => import('../features/policies/retention-page.tsx'), 'RetentionPage'),
});

const schedules = createRoute({
  getParentRoute: () => inside,
  path: '/schedules',
  validateSearch: readListSearch,
  component: lazyRouteComponent(() => import('../features/schedules/schedules-page.tsx'), 'SchedulesPage'),
});
const newSchedule = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/new',
  component: lazyRouteComponent(() => import('../features/schedules/schedule-form-pages.tsx'), 'NewSchedulePage'),
});
const editSchedule = createRoute({
  getParentRoute: () => inside,
  path: '/schedules/$scheduleId',
  component: lazyRouteComponent(() => import('../features/schedules/schedule-form-pages.tsx'), 'EditSchedulePage'),
});

const accounts = createRoute({
  getParentRoute: () => inside,
  path: '/accounts',
  validateSearch: readListSearch,
  component: lazyRouteComponent(() => import('../features/accounts/accounts-page.tsx'), 'AccountsPage'),
});
const newAccount = createRoute({
  getParentRoute: () => inside,
  path: '/accounts/new',
  component: lazyRouteComponent(() => import('../features/accounts/account-form-pages.tsx'), 'NewAccountPage'),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: '/accounts/$accountId',
  component: lazyRouteComponent(() => import('../features/accounts/account-form-pages.tsx'), 'EditAccountPage'),
});

const recoveries = createRoute({
  getParentRoute: () => inside,
  path: '/recoveries',
  validateSearch: readRecoveriesSearch,
  component: lazyRouteComponent(() => import('../features/recoveries/recoveries-page.tsx'), 'RecoveriesPage'),
});
const recovery = createRoute({
  getParentRoute: () => inside,
  path: '/recoveries/$recoveryId',
  component: lazyRouteComponent(() => import('../features/recoveries/recovery-page.tsx'), 'RecoveryPage'),
});
const freezer = createRoute({
  getParentRoute: () => inside,
  path: '/freezer',
  validateSearch: readFreezerSearch,
  component: lazyRouteComponent(() => import('../features/freezer/freezer-page.tsx'), 'FreezerPage'),
});
const deletions = createRoute({
  getParentRoute: () => inside,
  path: '/deletions',
  validateSearch: readDeletionsSearch,
  component: lazyRouteComponent(() => import('../features/deletions/deletions-page.tsx'), 'DeletionsPage'),
});
const reconciliation = createRoute({
  getParentRoute: () => inside,
  path: '/reconciliation',
  validateSearch: readFindingsSearch,
  component: lazyRouteComponent(
    () => import('../features/reconciliation/reconciliation-page.tsx'),
    'ReconciliationPage',
  ),
});
const alerts = createRoute({
  getParentRoute: () => inside,
  path: '/alerts',
  validateSearch: readAlertsSearch,
  component: lazyRouteComponent(() => import('../features/alerts/alerts-page.tsx'), 'AlertsPage'),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
});
const tokens = createRoute({
  getParentRoute: () => inside,
  path: '/tokens',
  validateSearch: readPageSearch,
  component: lazyRouteComponent(() => import('../features/tokens/tokens-page.tsx'), 'TokensPage'),
});

const routeTree = root.addChildren([
  claim,
  signIn,
  inside.addChildren([
    home,
    monitor,
    backup,
    recoveryPanel,
    recoverVolumes,
    recoverIndependentVolumes,
    recoverInstance,
    recoverInstances,
    recoverDatabase,
    recoverRoom,
    recoveryPoints,
    policies,
    newPolicy,
    policy,
    editPolicy,
    addTargets,
    dryRun,
    retention,
    schedules,
    newSchedule,
    editSchedule,
    accounts,
    newAccount,
    account,
    recoveries,
    recovery,
    freezer,
    deletions,
    reconciliation,
    alerts,
    settings,
    tokens,
  ]),
]);

/** The pages of the console by their address; each room is loaded when it is first entered. */
export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultNotFoundComponent: NotFoundPage,
    defaultErrorComponent: BrokenPage,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
