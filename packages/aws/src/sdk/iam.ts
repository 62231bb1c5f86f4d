import type { IamPort } from '../port/iam.ts';
import type { Caller } from './call.ts';
import { readAllPages } from './pages.ts';
import { nullIfMissing, serviceCalls } from './service-calls.ts';
import type { Wiring } from './wiring.ts';

export function iamPort({ edge, clients }: Wiring, caller: Caller): IamPort {
  const { read } = serviceCalls({ edge, caller, service: 'iam', connect: clients.iam });
  return {
    simulate: ({ principalArn, actions, resourceArns, context = {} }) =>
      readAllPages(
        (Marker) =>
          read('SimulatePrincipalPolicy', (iam, sdk) =>
            iam.send(
              new sdk.SimulatePrincipalPolicyCommand({
                PolicySourceArn: principalArn,
                ActionNames: [...actions],
                ResourceArns: [...resourceArns],
                ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
                  ContextKeyName,
                  ContextKeyType: 'string' as const,
                  ContextKeyValues: [value],
                })),
                Marker,
              }),
            ),
          ),
        (page) =>
          (page.EvaluationResults ?? []).map((result) => ({
            action: result.EvalActionName ?? '',
            decision: result.EvalDecision ?? '',
            missingContext: result.MissingContextValues ?? [],
          })),
      ),
    findRoleArn: (RoleName) =>
      nullIfMissing(
        read('GetRole', (iam, sdk) => iam.send(new sdk.GetRoleCommand({ RoleName }))).then(
          ({ Role }) => Role?.Arn ?? null,
        ),
      ),
    findProfileRoles: (InstanceProfileName) =>
      nullIfMissing(
        read('GetInstanceProfile', (iam, sdk) =>
          iam.send(new sdk.GetInstanceProfileCommand({ InstanceProfileName })),
        ).then(({ InstanceProfile }) => (InstanceProfile?.Roles ?? []).flatMap(({ Arn }) => Arn ?? [])),
      ),
  };
}
