/** A limit of the account, what is used of it, and what a recovery would add. */
export type QuotaUse = {
  /** What is limited, such as `vCPUs of running standard instances`. */
  readonly what: string;
  readonly unit: string;
  readonly limit: number;
  readonly used: number;
  readonly more: number;
};

/** From so full on a person should know before the next recovery fails. */
const CLOSE = 0.9;

/** Whether what is asked for has room under a limit: `fail` beyond it, `warn` from nine tenths on; with the figures in words. */
export function judgeQuota({ what, unit, limit, used, more }: QuotaUse): {
  readonly result: 'pass' | 'warn' | 'fail';
  readonly message: string;
} {
  const message = `${what}: ${used} of ${limit} ${unit} are in use, and this needs ${more} more`;
  if (used + more > limit) return { result: 'fail', message };
  return { result: used + more >= limit * CLOSE ? 'warn' : 'pass', message };
}

type InstanceFamilies = { readonly quotaCode: string; readonly words: string };

/** Families with a limit of their own; the longest beginning of a type's name counts (EC2 User Guide, "On-Demand Instance quotas"). */
const FAMILIES: readonly (readonly [begin: string, families: InstanceFamilies])[] = [
  ['u', { quotaCode: 'L-43DA4232', words: 'high-memory instances' }],
  ['trn', { quotaCode: 'L-2C3B7624', words: 'Trn instances' }],
  ['inf', { quotaCode: 'L-1945791B', words: 'Inf instances' }],
  ['hpc', { quotaCode: 'L-F7808C92', words: 'HPC instances' }],
  ['dl', { quotaCode: 'L-6E869C2A', words: 'DL instances' }],
  ['vt', { quotaCode: 'L-DB2E81BA', words: 'G and VT instances' }],
  ['g', { quotaCode: 'L-DB2E81BA', words: 'G and VT instances' }],
  ['p', { quotaCode: 'L-417A185B', words: 'P instances' }],
  ['f', { quotaCode: 'L-74FC7D96', words: 'F instances' }],
  ['x', { quotaCode: 'L-7295265B', words: 'X instances' }],
];
const STANDARD: InstanceFamilies = { quotaCode: 'L-1216C47A', words: 'standard instances' };

/** Under which limit on running vCPUs an instance type counts. */
export const familiesOf = (instanceType: string): InstanceFamilies =>
  FAMILIES.find(([begin]) => instanceType.startsWith(begin))?.[1] ?? STANDARD;

/** Limits on the storage of each volume type in a region, in TiB (EBS User Guide, "Quotas for Amazon EBS"). */
export const STORAGE_QUOTA_CODES: Readonly<Record<string, string>> = {
  gp2: 'L-D18FCD1D',
  gp3: 'L-7A658B76',
  io1: 'L-FD252861',
  io2: 'L-09BD8365',
  sc1: 'L-17AF77E8',
  st1: 'L-82ACEF56',
  standard: 'L-9CF3C2EB',
};
