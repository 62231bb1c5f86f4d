/** What IAM would decide about an action. `missingContext` are conditions that the simulation was told no value of. */
export type SimulatedAction = {
  readonly action: string;
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny' | (string & {});
  readonly missingContext: readonly string[];
};

export type SimulateInput = {
  /** The ARN of a user or a role, never that of a session. */
  readonly principalArn: string;
  readonly actions: readonly string[];
  /** ARNs, or `*` alone: an action is answered for each, or once for all. */
  readonly resourceArns: readonly string[];
  /** Values of condition keys, such as `iam:PassedToService`. */
  readonly context?: Readonly<Record<string, string>>;
};

/** AWS IAM as CPM uses it: reads only. */
export type IamPort = {
  /**
   * What the identity's own policies, boundary and organization would decide, without doing anything; `missing` for a
   * principal that IAM does not know. IAM API Reference, SimulatePrincipalPolicy.
   */
  readonly simulate: (input: SimulateInput) => Promise<readonly SimulatedAction[]>;
  /** The ARN of a role with its path; null where there is none. IAM API Reference, GetRole. */
  readonly findRoleArn: (roleName: string) => Promise<string | null>;
  /** The roles of an instance profile; null where there is no such profile. IAM API Reference, GetInstanceProfile. */
  readonly findProfileRoles: (profileName: string) => Promise<readonly string[] | null>;
};
