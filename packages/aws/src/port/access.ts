/** What signs a call. Held in memory only, never logged. */
export type AwsCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/**
 * Who calls. `accountKey` names the pacer and the connection cache: everything that shares AWS's request limits
 * (one AWS account) should share it. `credentials` is asked before every call, so a rotated or refreshed key is used
 * at once; it must answer from memory when nothing changed.
 */
export type AccountAccess = {
  readonly accountKey: string;
  readonly credentials: () => Promise<AwsCredentials>;
};

/** Who waits in front when AWS's request limit is used up: a person, a frozen application, backups, tidying up. */
export const CALL_PRIORITIES = ['interactive', 'scripts', 'backup', 'background'] as const;
export type CallPriority = (typeof CALL_PRIORITIES)[number];

export type CallOptions = {
  /** `backup` unless said otherwise. */
  readonly priority?: CallPriority;
  /** Ends waits for the request limit and between attempts with `shutting_down`; a call on the wire runs to its end. */
  readonly signal?: AbortSignal;
  /** Told before a call waits a second or more for AWS's request limit. */
  readonly onWait?: (wait: { readonly action: string; readonly expectedMs: number }) => void;
};

/** AWS tags. Both sides are text that strangers wrote. */
export type Tags = Readonly<Record<string, string>>;
