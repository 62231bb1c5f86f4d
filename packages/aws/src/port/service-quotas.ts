/** A limit of the account in a region. `unit` is `None` for counts; EBS counts its storage in tebibytes. */
export type ServiceQuota = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
};

/** AWS Service Quotas as CPM uses it, for one account and one region. */
export type ServiceQuotasPort = {
  readonly region: string;
  /**
   * A quota by the codes of its service and itself (`ec2`, `L-1216C47A`): the account's own, or AWS's default where it was
   * never changed; null where AWS knows none. Service Quotas API Reference, GetServiceQuota and GetAWSDefaultServiceQuota.
   */
  readonly readQuota: (serviceCode: string, quotaCode: string) => Promise<ServiceQuota | null>;
};
