import { awsError } from '../wire/errors.ts';

/** What RDS takes for granted about a database engine. */
export type EngineFacts = {
  readonly name: string;
  readonly version: string;
  readonly port: number;
  readonly license: string;
  /** How many parts of the version name its parameter group family. */
  readonly majorParts: 1 | 2;
  readonly aurora: boolean;
};

const engine = (
  name: string,
  version: string,
  port: number,
  more: Partial<Pick<EngineFacts, 'license' | 'majorParts' | 'aurora'>> = {},
): EngineFacts => ({ name, version, port, license: 'license-included', majorParts: 1, aurora: false, ...more });

const engines: readonly EngineFacts[] = [
  engine('postgres', '16.8', 5432, { license: 'postgresql-license' }),
  engine('mysql', '8.0.41', 3306, { license: 'general-public-license', majorParts: 2 }),
  engine('mariadb', '10.11.11', 3306, { license: 'general-public-license', majorParts: 2 }),
  engine('oracle-se2', '19.0.0.0.ru-2025-01.rur-2025-01.r1', 1521),
  engine('oracle-ee', '19.0.0.0.ru-2025-01.rur-2025-01.r1', 1521, { license: 'bring-your-own-license' }),
  engine('sqlserver-ex', '15.00.4430.1.v1', 1433, { majorParts: 2 }),
  engine('sqlserver-web', '15.00.4430.1.v1', 1433, { majorParts: 2 }),
  engine('sqlserver-se', '15.00.4430.1.v1', 1433, { majorParts: 2 }),
  engine('sqlserver-ee', '15.00.4430.1.v1', 1433, { majorParts: 2 }),
  engine('aurora-mysql', '8.0.mysql_aurora.3.08.1', 3306, { majorParts: 2, aurora: true }),
  engine('aurora-postgresql', '16.6', 5432, { aurora: true }),
];

/** The engine of this name. Throws InvalidParameterValue for one RDS does not have. */
export const engineNamed = (name: string): EngineFacts => {
  const found = engines.find((one) => one.name === name);
  if (found === undefined) throw awsError('InvalidParameterValue', `Invalid DB engine: ${name}`);
  return found;
};

/** The engine's major version, such as `16` or `8.0`. */
export const majorVersion = ({ majorParts }: EngineFacts, version: string): string =>
  version.split('.').slice(0, majorParts).join('.');

/** The parameter group family, such as `postgres16` or `aurora-mysql8.0`. */
export const familyOf = (facts: EngineFacts, version: string): string => {
  const major = majorVersion(facts, version);
  return /^(?:oracle|sqlserver)-/.test(facts.name) ? `${facts.name}-${major}` : `${facts.name}${major}`;
};
