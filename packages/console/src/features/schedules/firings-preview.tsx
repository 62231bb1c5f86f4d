import { formatInstant } from '@cpm/core';
import { IconAlertTriangleFilled } from '@tabler/icons-react';
import { useDeferredValue, useMemo } from 'react';
import { formatFiring } from '../../app/moments.ts';
import { deviceZone } from '../../app/zone.ts';
import { useNow } from '../../ui/moment.tsx';
import { Panel } from '../../ui/page.tsx';
import classes from './firings-preview.module.css';
import { previewOf, type ScheduleValues } from './schedule-values.ts';

/** The rule in words and its next ten firings, in the schedule's zone and in the reader's. */
export function FiringsPreview({ values }: { readonly values: ScheduleValues }) {
  const settled = useDeferredValue(values);
  const now = useNow(30_000);
  const preview = useMemo(() => previewOf(settled, now), [settled, now]);
  return (
    <div className={classes.beside}>
      <Panel title="What this schedule does">
        <div aria-live="polite">
          {preview === null ? (
            <p className={classes.quiet}>The next firings show here as soon as the rule is complete.</p>
          ) : (
            <>
              <p className={classes.words}>{preview.words}.</p>
              {!settled.enabled && <p className={classes.quiet}>It is disabled: none of these will happen.</p>}
              {preview.warning !== null && (
                <p className={classes.warning}>
                  <IconAlertTriangleFilled size={16} aria-hidden />
                  {preview.warning}
                </p>
              )}
              {preview.warning === null && preview.firings.length === 0 && (
                <p className={classes.quiet}>It has ended: there are no more firings.</p>
              )}
            </>
          )}
        </div>
        {preview !== null && preview.firings.length > 0 && <Firings preview={preview} zone={settled.zone} />}
      </Panel>
    </div>
  );
}

type FiringsProps = { readonly preview: NonNullable<ReturnType<typeof previewOf>>; readonly zone: string };

function Firings({ preview, zone }: FiringsProps) {
  const own = deviceZone();
  const isSame = own === zone;
  return (
    <>
      <h3 className={classes.title}>Next firings</h3>
      <ol className={classes.firings}>
        {preview.firings.map(({ at, note }) => {
          const iso = formatInstant(at);
          return (
            <li key={at}>
              <time dateTime={iso}>{formatFiring(iso, zone)}</time>
              {!isSame && <span className={classes.own}>{formatFiring(iso, own)} for you</span>}
              {note !== null && <span className={classes.note}>{note}</span>}
            </li>
          );
        })}
      </ol>
      <p className={classes.quiet}>
        {isSame ? `Your own zone is ${own} too.` : `“For you” means ${own}, the zone of this device.`}
      </p>
    </>
  );
}
