const EC2_PAGES = {
  instance: (id: string) => `InstanceDetails:instanceId=${id}`,
  volume: (id: string) => `VolumeDetails:volumeId=${id}`,
  image: (id: string) => `ImageDetails:imageId=${id}`,
} as const;

/** Where AWS's own console shows a thing, in its region and partition; null where it has no page of its own. */
export function awsConsoleLink(kind: string, region: string, id: string): string | null {
  const name = encodeURIComponent(id);
  const at = `https://${region}.${consoleHost(region)}`;
  switch (kind) {
    case 'instance':
    case 'volume':
    case 'image':
      return `${at}/ec2/home?region=${region}#${EC2_PAGES[kind](name)}`;
    case 'database':
      return `${at}/rds/home?region=${region}#database:id=${name};is-cluster=false`;
    case 'database-cluster':
      return `${at}/rds/home?region=${region}#database:id=${name};is-cluster=true`;
    case 'redshift-cluster':
      return `${at}/redshiftv2/home?region=${region}#cluster-details?cluster=${name}`;
    default:
      return null;
  }
}

/** The partitions have consoles of their own (AWS General Reference, "Console endpoints"). */
function consoleHost(region: string): string {
  if (region.startsWith('cn-')) return 'console.amazonaws.cn';
  return region.startsWith('us-gov-') ? 'console.amazonaws-us-gov.com' : 'console.aws.amazon.com';
}
