import type { AccountAccess, CallOptions } from './access.ts';
import type { Ec2Port } from './ec2.ts';
import type { IamPort } from './iam.ts';
import type { KmsPort } from './kms.ts';
import type { RdsPort } from './rds.ts';
import type { RedshiftPort } from './redshift.ts';
import type { ServiceQuotasPort } from './service-quotas.ts';
import type { SsmPort } from './ssm.ts';
import type { StsPort } from './sts.ts';

/**
 * The one door to AWS. A port is a light view: make one per piece of work, throw it away. Every method of every port
 * throws `AwsError` and nothing else; the makers throw `invalid_request` for a text that is no region name.
 */
export type AwsGateway = {
  readonly ec2: (access: AccountAccess, region: string, options?: CallOptions) => Ec2Port;
  readonly rds: (access: AccountAccess, region: string, options?: CallOptions) => RdsPort;
  readonly redshift: (access: AccountAccess, region: string, options?: CallOptions) => RedshiftPort;
  readonly kms: (access: AccountAccess, region: string, options?: CallOptions) => KmsPort;
  readonly serviceQuotas: (access: AccountAccess, region: string, options?: CallOptions) => ServiceQuotasPort;
  /** IAM is the same in every region; `region` says in which partition. */
  readonly iam: (access: AccountAccess, region: string, options?: CallOptions) => IamPort;
  readonly ssm: (access: AccountAccess, region: string, options?: CallOptions) => SsmPort;
  /** `region` picks the regional endpoint whose tokens also work in opt-in regions; `us-east-1` unless said otherwise. */
  readonly sts: (access: AccountAccess, region?: string, options?: CallOptions) => StsPort;
  /** Forgets the clients of an account whose credentials changed or that was deleted. */
  readonly forget: (accountKey: string) => void;
  /** Ends every wait with `shutting_down` and closes the connections. */
  readonly close: () => void;
};
