import { useSyncExternalStore } from 'react';
import { useSession } from './session.ts';

/** In whose zone times are shown. */
export type ZoneChoice = 'server' | 'device' | 'utc';

const STORED_AS = 'cpm-zone';
const listeners = new Set<() => void>();

function storedChoice(): ZoneChoice {
  const stored = localStorage.getItem(STORED_AS);
  return stored === 'device' || stored === 'utc' ? stored : 'server';
}

/** Shows every time in that zone from now on, in this browser. */
export function chooseZone(choice: ZoneChoice): void {
  localStorage.setItem(STORED_AS, choice);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The zone of this browser. */
export const deviceZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone in which times are shown, and why it is that one. */
export function useZone(): { readonly choice: ZoneChoice; readonly zone: string; readonly serverZone: string } {
  const { serverZone } = useSession();
  const choice = useSyncExternalStore(subscribe, storedChoice);
  const zone = { server: serverZone, device: deviceZone(), utc: 'UTC' }[choice];
  return { choice, zone, serverZone };
}
