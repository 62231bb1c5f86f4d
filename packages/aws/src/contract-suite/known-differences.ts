/** Where moto is known not to do as AWS does. */
export type KnownDifference = {
  /** What moto 5.2.1 does instead. */
  readonly instead: string;
  /** Why that is no reason to doubt the adapter. */
  readonly accepted: string;
  /**
   * `fails`: the case runs and must fail with this text in its message; once it passes, the difference is gone and this
   * entry with it. `notRun`: moto cannot be brought into the situation.
   */
  readonly shows: { readonly fails: RegExp } | 'notRun';
};

const NO_FAULTS: KnownDifference = {
  instead: 'It cannot be made to fail, to lose an answer, to throttle or to hide a fresh id.',
  accepted: 'The simulator shows it, and sdk/gateway.test.ts on a scripted endpoint.',
  shows: 'notRun',
};

/** Reviewed case by case; the key is the case's title. */
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
  'a create whose answer is lost is found by its tag, exactly once': NO_FAULTS,
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
