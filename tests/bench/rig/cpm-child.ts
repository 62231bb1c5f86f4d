import { createLog, readConfig, startServer } from '@cpm/server';
import { serveParent } from './child.ts';

/** The server as `npm start` runs it, with its own PostgreSQL; only its certificate and claim secret go to the benchmark. */
const config = readConfig(process.argv.slice(2), process.env);
if (config === 'help') throw new Error('the benchmark asked for help');
const server = await startServer(config, createLog(config.logLevel, process.stderr));
const { port, certificate, claimSecret } = server;
serveParent({ port, certificate, claimSecret }, {}, server.stop);
