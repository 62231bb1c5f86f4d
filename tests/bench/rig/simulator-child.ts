import { startSimulator } from '@cpm/simulator';
import { serveParent } from './child.ts';

const [estate = 'fleet:1x1'] = process.argv.slice(2);
const simulator = await startSimulator({ estate });
serveParent({ url: simulator.url }, {}, simulator.stop);
