export { readConfig, type Config } from './config.ts';
export { describeSchema } from './db/describe-schema.ts';
export { prepareDataDirectory } from './db/launcher/cluster.ts';
export { startServer, type Edges, type RunningServer } from './main.ts';
export { createLog, explainFailure, run, untilSignal } from './run.ts';
