/**
 * The live stream `GET /api/v1/events` (server-sent events): each event is named by the noun that changed and holds only its id,
 * so that a reader fetches what it may see. `id:` counts up; a reader that comes back with `Last-Event-ID` and missed
 * something gets one event `resync` and reads its page anew.
 */
export const EVENTS_PATH = '/events';
export const EVENT_NAMES = ['backup', 'recovery', 'policy', 'schedule', 'account', 'alert', 'resync'] as const;
export type EventName = (typeof EVENT_NAMES)[number];
export type LiveEvent = { readonly id: string };
