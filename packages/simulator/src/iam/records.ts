/** A policy document as IAM reads it. */
export type PolicyDocument = { readonly Version?: string | undefined; readonly Statement: readonly Statement[] };

export type Statement = {
  readonly Sid?: string | undefined;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: readonly string[] | undefined;
  readonly NotAction?: readonly string[] | undefined;
  readonly Resource?: readonly string[] | undefined;
  readonly NotResource?: readonly string[] | undefined;
  readonly Principal?: readonly string[] | undefined;
  readonly NotPrincipal?: readonly string[] | undefined;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> | undefined;
};

export type NamedPolicy = { readonly name: string; readonly document: PolicyDocument; readonly text: string };

export type ManagedPolicy = NamedPolicy & {
  readonly arn: string;
  readonly id: string;
  readonly path: string;
  readonly description: string | undefined;
  readonly createdAt: number;
};

/** What both users and roles have: inline policies by name and the ARNs of attached ones. */
export type Permitted = { readonly inline: Map<string, NamedPolicy>; readonly attached: Set<string> };

export type User = Permitted & {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
};

export type Role = Permitted & {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  trust: NamedPolicy;
  maxSessionSeconds: number;
  description: string | undefined;
  readonly tags: Map<string, string>;
};

export type InstanceProfile = {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  roleName: string | undefined;
};

export type Account = {
  readonly id: string;
  readonly alias: string | undefined;
  readonly createdAt: number;
  readonly users: Map<string, User>;
  readonly roles: Map<string, Role>;
  readonly policies: Map<string, ManagedPolicy>;
  readonly instanceProfiles: Map<string, InstanceProfile>;
  /** Regions outside the default set that the account has switched on. */
  readonly optedIn: Set<string>;
};

/** An access key and who uses it; a session has a token and an end. */
export type Credential = {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly accountId: string;
  readonly createdAt: number;
  active: boolean;
  readonly bearer:
    | { readonly kind: 'root' }
    | { readonly kind: 'user'; readonly userName: string }
    | {
        readonly kind: 'session';
        readonly roleName: string;
        readonly sessionName: string;
        /** Session policies; several together allow what any of them allows. */
        readonly policies: readonly PolicyDocument[] | undefined;
      };
  readonly token: string | undefined;
  readonly expiresAt: number | undefined;
};
