/** AWS adds states now and then; an unknown one is passed on as it came. */
export type KmsKeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport' | 'Unavailable' | (string & {});

/** An encryption key as far as recoveries need it (KMS API Reference, KeyMetadata). */
export type KmsKey = {
  readonly keyId: string;
  readonly arn: string;
  readonly accountId: string;
  readonly state: KmsKeyState;
  /** Whose: AWS manages those with an alias such as `aws/ebs`. */
  readonly manager: 'AWS' | 'CUSTOMER' | (string & {});
  /** EBS, RDS and Redshift encrypt under `SYMMETRIC_DEFAULT` alone. */
  readonly spec: string;
};

/** AWS KMS as CPM uses it, for one account and one region. */
export type KmsPort = {
  readonly region: string;
  /**
   * The key that an id, ARN or alias names; null where KMS knows none in the region, or another account does not let it be
   * seen. KMS API Reference, DescribeKey.
   */
  readonly describeKey: (keyId: string) => Promise<KmsKey | null>;
};
