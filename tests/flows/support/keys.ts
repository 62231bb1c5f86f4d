import { NodeHttpHandler } from '@smithy/node-http-handler';
import { jsonClient } from '../../../packages/aws/src/sdk/json-client.ts';
import { ACME } from './simulated-aws.ts';

/** Does something to a KMS key behind CPM's back, as acme's production: `DisableKey`, `ScheduleKeyDeletion`. */
export async function actOnKey(url: string, action: string, input: object): Promise<void> {
  const kms = jsonClient(
    { name: 'kms', target: 'TrentService' },
    { region: 'us-east-1', endpoint: url, credentials: ACME.production, requestHandler: new NodeHttpHandler() },
  );
  await kms.send(action, input);
}
