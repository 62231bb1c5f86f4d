import { useEffect, useState } from 'react';
import { formatDistance, formatFiring, formatMoment } from '../app/moments.ts';
import { useZone } from '../app/zone.ts';
import { chooseZone, deviceZone, type ZoneChoice } from '../app/zone.ts';
import { Menu, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconClock } from '@tabler/icons-react';
import classes from './moment.module.css';

/** A time as the chosen zone shows it; the full form with the zone is its title. Null is a dash. */
export function Moment({ at }: { readonly at: string | null }) {
  const { zone } = useZone();
  if (at === null) return <span className={classes.none}>–</span>;
  return (
    <time dateTime={at} title={formatFiring(at, zone)} className={classes.moment}>
      {formatMoment(at, zone)}
    </time>
  );
}

/** How far away a time is, kept current; the time itself with its zone is the title. */
export function Distance({ at }: { readonly at: string }) {
  const { zone } = useZone();
  const now = useNow(20_000);
  return (
    <time dateTime={at} title={formatFiring(at, zone)}>
      {formatDistance(at, now)}
    </time>
  );
}

/** The present moment, read again every so often. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Says in which zone the times of a page are, and lets the reader change it. */
export function ZoneSwitch() {
  const { choice, zone, serverZone } = useZone();
  const options: readonly (readonly [ZoneChoice, string])[] = [
    ['server', `Server: ${serverZone}`],
    ['device', `This device: ${deviceZone()}`],
    ['utc', 'UTC'],
  ];
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.zone} aria-label={`Times in ${zone}: change the zone`}>
          <IconClock size={14} aria-hidden />
          Times in {zone}
          <IconChevronDown size={12} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown aria-label="Zone of the times">
        {options.map(([value, label]) => (
          <Menu.Item key={value} onClick={() => chooseZone(value)} aria-current={value === choice}>
            {value === choice ? <strong>{label}</strong> : label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
