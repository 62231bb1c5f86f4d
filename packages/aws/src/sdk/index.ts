export { DEFAULT_PACING, type Bucket, type PacingSettings } from '../pacing-settings.ts';
export type { EdgeClock } from '../clock.ts';
export { createAwsGateway } from './gateway.ts';
export { DEFAULT_SETTINGS, type CallRecord, type EdgeLog, type EdgeSettings, type GatewayInput } from './settings.ts';
