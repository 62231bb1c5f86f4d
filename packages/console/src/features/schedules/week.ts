import { WEEKDAYS } from '@cpm/core';

/** The days of the week, Monday first, as fields show them. */
export const WEEK_DAYS = WEEKDAYS.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }));
