import { accounts } from './accounts.ts';
import { alerts } from './alerts.ts';
import { backups } from './backups.ts';
import { freezer } from './freezer.ts';
import { policies } from './policies.ts';
import { reconciliation } from './reconciliation.ts';
import { recoveries } from './recoveries.ts';
import { retention } from './retention.ts';
import { schedules } from './schedules.ts';
import { scripts } from './scripts.ts';
import { sessions } from './session.ts';
import { settings } from './settings.ts';
import { health, setup } from './setup.ts';
import { tokens } from './tokens.ts';

/** The whole API by noun: the one table that server, OpenAPI document, console and command line are made from. */
export const api = {
  setup,
  sessions,
  tokens,
  accounts,
  schedules,
  policies,
  scripts,
  backups,
  recoveries,
  retention,
  freezer,
  reconciliation,
  alerts,
  settings,
  health,
};

type Api = typeof api;
type RoutesOf<Noun> = Noun[keyof Noun];
/** Any route of the API. */
export type ApiRoute = { [Noun in keyof Api]: RoutesOf<Api[Noun]> }[keyof Api];

/** Every route as a flat list, in the order of the table. */
export const apiRoutes: readonly ApiRoute[] = Object.values(api).flatMap((noun) => Object.values(noun) as ApiRoute[]);
