/** Where a back end is known not to do as AWS does. */
export type KnownDifference = {
  /** What it does instead. */
  readonly instead: string;
  /** Why that is no reason to doubt the adapter. */
  readonly accepted: string;
  /**
   * `fails`: the case runs and must fail with this text in its message; once it passes, the difference is gone and this
   * entry with it. `notRun`: it cannot be brought into the situation.
   */
  readonly shows: { readonly fails: RegExp } | 'notRun';
};

const NO_FAULTS: KnownDifference = {
  instead: 'It cannot be made to fail, to lose an answer, to throttle or to hide a fresh id.',
  accepted: 'The simulator shows it, and the tests in sdk/ on a scripted endpoint.',
  shows: 'notRun',
};

function notImplemented(action: string): KnownDifference {
  return {
    instead: `${action} is not implemented: an HTML page with status 500.`,
    accepted: 'The call is that of the model, and the simulator answers it.',
    shows: { fails: /cannot be reached|answer of AWS to .* was lost/ },
  };
}

/** What moto 5.2.1 does, reviewed case by case; the key is the case's title. */
export const MOTO_DIFFERENCES: Readonly<Record<string, KnownDifference>> = {
  'createSnapshots leaves out the volumes that it is told to leave out': {
    instead: 'ExcludeDataVolumeIds is ignored: every volume gets a snapshot.',
    accepted: 'The parameter is on the wire as the EC2 model has it (sdk/gateway.test.ts), and the simulator obeys it.',
    shows: { fails: /left out/ },
  },
  'createSnapshots adds the tags of each volume when it is asked to': {
    instead: 'CopyTagsFromSource is ignored.',
    accepted: 'As above.',
    shows: { fails: /team/ },
  },
  'a fresh snapshot is pending, then completed with 100 percent': {
    instead: 'A snapshot is completed at once.',
    accepted: 'CPM reads the state and waits for none in particular.',
    shows: { fails: /completed/ },
  },
  'a snapshot that an image uses is kept, and AWS says why': {
    instead: 'It deletes the snapshot: only snapshots that moto invents for an image are protected.',
    accepted: 'CPM deregisters its image before it deletes the snapshots.',
    shows: { fails: /deleted/ },
  },
  'a volume at a device goes with its instance, or not any more': {
    instead: 'DescribeVolumes goes on to show a volume as staying, whatever its instance was told.',
    accepted: 'The call is that of the model, and the simulator obeys it.',
    shows: { fails: /goes with the instance: true/ },
  },
  'placement groups and dedicated hosts are listed, also where there are none':
    notImplemented('DescribePlacementGroups'),
  'images are searched by owner, name and kind, and no more of them than wanted': {
    instead: 'Owners are account ids alone: the alias amazon finds nothing.',
    accepted:
      'AWS takes self, amazon and aws-marketplace beside ids (EC2 API Reference, DescribeImages); so does the simulator.',
    shows: { fails: /expected \[\] to have a length of 5/ },
  },
  'a launch carries cores, protection, the metadata service, a partition, and the tags of its interface': {
    instead: 'Cores and enclaves of a launch are not shown, as if nothing had been asked for.',
    accepted: 'The parameters are on the wire as the EC2 model has them, and the simulator shows what they set.',
    shows: { fails: /to match object \{ cpu/ },
  },
  'a volume smaller than its snapshot is refused': {
    instead: 'It makes the volume.',
    accepted: 'CPM checks the size itself before it calls.',
    shows: { fails: /refused/ },
  },
  'createVolume with the same token gives the same volume, with another input a refusal': {
    instead: 'ClientToken is ignored: a second volume.',
    accepted: 'The token is on the wire (sdk/gateway.test.ts), and the simulator obeys it.',
    shows: { fails: /same volume/ },
  },
  'a busy device is refused as a conflict': {
    instead: 'It attaches both volumes to one device.',
    accepted: 'CPM looks for a free device before it calls.',
    shows: { fails: /refused/ },
  },
  'a volume of another zone is refused': {
    instead: 'It attaches it.',
    accepted: 'CPM compares the zones before it calls.',
    shows: { fails: /refused/ },
  },
  'registerImage keeps everything that an instance needs to boot': {
    instead: 'Only name and description are kept.',
    accepted: 'The simulator keeps them all; the parameters are those of the EC2 model.',
    shows: { fails: /architecture/ },
  },
  'a second image of the same name is refused as a conflict': {
    instead: 'It makes a second image of that name.',
    accepted: 'The name holds the attempt’s id; it is looked up before it is used again.',
    shows: { fails: /refused/ },
  },
  'runInstances with the same token gives the same instances': {
    instead: 'ClientToken is ignored: a second instance.',
    accepted: 'As for createVolume.',
    shows: { fails: /same instance/ },
  },
  'a database names its groups, its network and its zone': {
    instead: 'It knows no subnet group, and so no network, unless one was made and named.',
    accepted: 'The fields are those of the RDS model, and the simulator tells them.',
    shows: { fails: /null/ },
  },
  'the simulation of policies tells action by action what is allowed': notImplemented('SimulatePrincipalPolicy'),
  'the key that AWS manages for volumes is described': {
    instead: 'It fails on the alias of a key that AWS manages until that key was made, with status 500.',
    accepted: 'The fields are those of the KMS model, and the simulator tells them; boto3 reads them from it as well.',
    shows: { fails: /cannot be reached/ },
  },
  'a quota is told with its name, and one that AWS does not know is absent': {
    instead: 'It holds the quotas of VPC alone, and fails with status 500 for those of EC2.',
    accepted: 'The fields are those of the Service Quotas model; boto3 reads them from the simulator as well.',
    shows: { fails: /cannot be reached/ },
  },
  'the quotas tell how many manual snapshots are used and allowed': notImplemented('DescribeAccountAttributes'),
  'a fresh snapshot of a database is being created, then available with 100 percent': {
    instead: 'A snapshot is available at once, and has no progress.',
    accepted: 'CPM reads the state and waits for none in particular.',
    shows: { fails: /creating/ },
  },
  'a member of a cluster takes no snapshot of its own': {
    instead: 'It makes the snapshot.',
    accepted: 'CPM looks at the cluster of a database before it calls.',
    shows: { fails: /refused/ },
  },
  'a database that AWS is backing up takes no second snapshot now': {
    instead: 'A database is never busy.',
    accepted: 'The code is that of the RDS model, and the simulator answers it.',
    shows: { fails: /refused/ },
  },
  'a fresh snapshot of a Redshift cluster is being created': {
    instead: 'A snapshot is available at once.',
    accepted: 'As for databases.',
    shows: { fails: /creating/ },
  },
  'option groups are listed with engine and version': notImplemented('DescribeOptionGroups without a name'),
  'a class that RDS does not sell is told from one that it sells with storage and zones': {
    instead: 'It sells nothing but Aurora.',
    accepted: 'CPM takes an empty list of everything for "not told", which forbids nothing; the simulator has a list.',
    shows: { fails: /null/ },
  },
  'an instance whose agent speaks to Systems Manager is managed, and an unknown one is absent':
    notImplemented('DescribeInstanceInformation'),
  'a command is found by its comment, and only that one': notImplemented('ListCommandInvocations'),
  'a command to an instance that is not managed is refused': {
    instead: 'Any instance takes any command.',
    accepted: 'The simulator refuses it; CPM asks for the managed instances first.',
    shows: { fails: /refused/ },
  },
  'a command can be cancelled, also after its end': notImplemented('CancelCommand'),
  'a create whose answer is lost is found by its tag, exactly once': NO_FAULTS,
  'a snapshot of a database whose answer is lost is there under its name, exactly once': NO_FAULTS,
  'a snapshot of a database that AWS throttles is made once, after a wait': NO_FAULTS,
  'a create that AWS throttles is made once, after a wait': NO_FAULTS,
  'a hundred and twenty calls at once keep to the limit: none is refused': NO_FAULTS,
  'a region that is down is said to be unavailable, and the others work': NO_FAULTS,
  'a listing whose second page fails is an error, not half a listing': NO_FAULTS,
  'a listing of more than a thousand volumes comes page by page and whole': {
    ...NO_FAULTS,
    instead: 'DescribeVolumes has no pages, and making the volumes takes minutes.',
  },
  'a fresh snapshot that AWS does not show yet is absent, not an error': NO_FAULTS,
};
