import { notifications } from '@mantine/notifications';
import { ProblemNotice } from './problem-notice.tsx';

/** Says in passing that something worked. */
export function tell(message: string): void {
  notifications.show({
    message,
    role: 'status',
    withBorder: true,
    autoClose: 4_000,
    closeButtonProps: { 'aria-label': 'Close' },
  });
}

/** Shows a failure that belongs to no form; it stays until it is closed. */
export function tellProblem(title: string, error: Error): void {
  notifications.show({
    title,
    message: <ProblemNotice error={error} />,
    withBorder: true,
    color: 'red',
    autoClose: false,
    closeButtonProps: { 'aria-label': 'Close' },
  });
}
