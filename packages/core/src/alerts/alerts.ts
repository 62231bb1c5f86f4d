/**
 * What an alert is about. One fact has one open alert: category and subject name it, such as `backup` and the policy's id.
 */
export const ALERT_CATEGORIES = ['backup', 'missed', 'retention', 'reconciliation', 'system'] as const;
export type AlertCategory = (typeof ALERT_CATEGORIES)[number];

export const ALERT_SEVERITIES = ['info', 'warning', 'error'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** What an alert says: a title that stands alone in a list, and what a person can act on. */
export type AlertText = { readonly severity: AlertSeverity; readonly title: string; readonly message: string };
