import type { Call, Reply } from '../wire/call.ts';
import type { Wire } from '../wire/xml.ts';
import { listOf } from '../wire/xml.ts';
import { engineNamed } from './engines.ts';
import { replyPage } from './listing.ts';
import type { Operations } from './operation.ts';

const sizes = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge'];
const families = ['db.m5', 'db.m6g', 'db.m6i', 'db.m7g', 'db.r5', 'db.r6g', 'db.r6i', 'db.r7g'];

/** The classes of today; what is older is still there for whoever has it, and not sold any more. */
export const offeredClasses: readonly string[] = [
  ...['micro', 'small', 'medium', 'large', 'xlarge', '2xlarge'].flatMap((size) => [`db.t3.${size}`, `db.t4g.${size}`]),
  ...families.flatMap((family) => sizes.map((size) => `${family}.${size}`)),
];

type Offer = { readonly seq: number; readonly instanceClass: string; readonly storageType: string };

/** Graviton runs no Oracle and no SQL Server, Aurora no class of the general families but T. */
const isOffered = (engine: string, instanceClass: string): boolean => {
  if (/^(?:oracle|sqlserver)-/.test(engine)) return !/\.[a-z]\dg\./.test(instanceClass);
  return !engine.startsWith('aurora') || !instanceClass.startsWith('db.m');
};

const describe = (call: Call): Reply => {
  const { name, aurora, version } = engineNamed(call.params.requiredText('Engine'));
  const wanted = call.params.text('DBInstanceClass') || undefined;
  const asked = call.params.text('EngineVersion') || undefined;
  const zones = [...new Set([...call.region.subnets.values()].map((subnet) => subnet.zone))].toSorted();
  const storages = aurora ? ['aurora'] : ['gp2', 'gp3', 'io1', 'io2'];
  const offers = offeredClasses
    .filter((one) => isOffered(name, one) && (wanted === undefined || one === wanted))
    .flatMap((instanceClass) => storages.map((storageType) => ({ instanceClass, storageType })))
    .map((offer, seq): Offer => ({ seq, ...offer }));
  const show = (offer: Offer): Wire => ({
    Engine: name,
    EngineVersion: asked ?? version,
    DBInstanceClass: offer.instanceClass,
    StorageType: offer.storageType,
    AvailabilityZones: listOf(
      'AvailabilityZone',
      zones.map((Name) => ({ Name })),
    ),
    MultiAZCapable: !aurora,
    Vpc: true,
    SupportsStorageEncryption: true,
    SupportsIops: offer.storageType.startsWith('io'),
  });
  return replyPage(call, offers, { list: 'OrderableDBInstanceOptions', element: 'OrderableDBInstanceOption', show });
};

/** Which classes RDS sells for an engine. */
export const orderableOperations: Operations = {
  DescribeOrderableDBInstanceOptions: { required: ['Engine'], run: describe },
};
