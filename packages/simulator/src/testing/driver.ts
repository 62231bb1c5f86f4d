/** Where a call goes and as whom. */
export type Target = {
  readonly url: string;
  readonly service: 'ec2' | 'sts' | 'iam' | 'rds' | 'redshift' | 'ssm' | 'kms' | 'service-quotas';
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

// A reply is whatever the client made of the XML; the tests read it member by member.
export type Shape = { readonly [name: string]: Shape } & readonly Shape[] & string;

/** An AWS client: carries out an action by its API name. Rejects with an `AwsRefusal`. */
export type Driver = {
  readonly name: string;
  readonly call: (target: Target, action: string, params: object) => Promise<Shape>;
  readonly close: () => Promise<void>;
};

/** What AWS answered instead of a result. */
export class AwsRefusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(`${code}: ${message}`);
    this.code = code;
    this.status = status;
  }
}

/** The code with which AWS refuses, or `accepted`. */
export const codeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof AwsRefusal) return thrown.code;
    throw thrown;
  }
};
