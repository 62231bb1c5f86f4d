/**
 * The shapes of AWS's own names. They guard what CPM sends on: a text that passes is well formed, not known to exist.
 * Source: EC2 User Guide, "Resource IDs" (8 or 17 hexadecimal digits after the prefix).
 */
const EC2_ID = /^[a-z]{1,8}-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;
const REGION = /^[a-z]{2,3}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;
const ZONE_SUFFIX = /^(?:[a-z]|-[a-z]{3}-\d{1,2}[a-z])$/;

export type Ec2Prefix = 'i' | 'vol' | 'snap' | 'ami' | 'subnet' | 'vpc' | 'sg' | 'eni' | 'aki' | 'ari';

/** Whether the text is an EC2 id of the kind that the prefix names, such as `i-0123456789abcdef0`. */
export function isEc2Id(prefix: Ec2Prefix, text: string): boolean {
  return text.startsWith(`${prefix}-`) && EC2_ID.test(text);
}

/** Whether the text has the form of a region's name, such as `eu-central-1` or `us-gov-west-1`. */
export function isRegionName(text: string): boolean {
  return text.length <= 32 && REGION.test(text);
}

/** Whether the text names an availability (or local) zone of the region, such as `eu-central-1a` in `eu-central-1`. */
export function isZoneOfRegion(zone: string, region: string): boolean {
  return zone.startsWith(region) && ZONE_SUFFIX.test(zone.slice(region.length));
}

/**
 * Whether the text can be the identifier of an RDS database or cluster or a Redshift cluster, in the lower case that AWS
 * keeps (Amazon RDS API Reference, CreateDBInstance; Amazon Redshift API Reference, CreateCluster).
 */
export function isDatabaseIdentifier(text: string): boolean {
  return text.length <= 63 && /^[a-z](?:-?[a-z0-9])*$/.test(text);
}
