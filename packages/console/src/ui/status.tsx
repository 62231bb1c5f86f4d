import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconClockExclamation,
  IconProgress,
  type Icon,
} from '@tabler/icons-react';
import classes from './status.module.css';

/** How a state is to be taken; each has its own colour and icon beside its word. */
export type Tone = 'good' | 'warning' | 'bad' | 'late' | 'running' | 'quiet';

const ICONS: Record<Tone, Icon> = {
  good: IconCircleCheckFilled,
  warning: IconAlertTriangleFilled,
  bad: IconCircleXFilled,
  late: IconClockExclamation,
  running: IconProgress,
  quiet: IconCircleDashed,
};

/** A state as icon, word and colour; with a percentage while it runs. */
export function Status({
  tone,
  text,
  percent,
}: {
  readonly tone: Tone;
  readonly text: string;
  readonly percent?: number | undefined;
}) {
  const Sign = ICONS[tone];
  return (
    <span className={classes.status} data-tone={tone}>
      <Sign className={classes.sign} size={16} aria-hidden />
      <span>{text}</span>
      {percent !== undefined && <span className={classes.percent}>{percent} %</span>}
    </span>
  );
}

/** A thin bar that fills up; named for those who cannot see it. */
export function Meter({
  percent,
  label,
  tone = 'running',
}: {
  readonly percent: number;
  readonly label: string;
  readonly tone?: Tone;
}) {
  return <progress className={classes.meter} data-tone={tone} value={percent} max={100} aria-label={label} />;
}
