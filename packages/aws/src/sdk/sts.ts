import type { Instant } from '@cpm/core';
import type { StsPort } from '../port/sts.ts';
import type { StsCalls } from './service-calls.ts';

export function stsPort({ read }: StsCalls): StsPort {
  return {
    callerIdentity: async () => {
      const output = await read('GetCallerIdentity', (sts, sdk) => sts.send(new sdk.GetCallerIdentityCommand({})));
      return { accountId: output.Account ?? '', arn: output.Arn ?? '', userId: output.UserId ?? '' };
    },
    assumeRole: async ({ roleArn, sessionName, externalId, durationSeconds }) => {
      const output = await read('AssumeRole', (sts, sdk) =>
        sts.send(
          new sdk.AssumeRoleCommand({
            RoleArn: roleArn,
            RoleSessionName: sessionName,
            ExternalId: externalId,
            DurationSeconds: durationSeconds,
          }),
        ),
      );
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '', Expiration } = output.Credentials ?? {};
      return {
        credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
        // Without an end they are as good as ended: whoever holds them asks again.
        expiresAt: (Expiration?.getTime() ?? 0) as Instant,
        arn: output.AssumedRoleUser?.Arn ?? '',
      };
    },
  };
}
