import type { KmsKey, KmsPort } from '../port/kms.ts';
import type { Caller } from './call.ts';
import type { JsonAnswer } from './json-client.ts';
import { textIn } from './json-shapes.ts';
import { nullIfMissing, serviceCalls } from './service-calls.ts';
import type { Wiring } from './wiring.ts';

export function kmsPort({ edge, clients }: Wiring, caller: Caller): KmsPort {
  const { read } = serviceCalls({ edge, caller, service: 'kms', connect: clients.kms });
  return {
    region: caller.region,
    describeKey: (KeyId) =>
      nullIfMissing(
        read('DescribeKey', (kms) => kms.send('DescribeKey', { KeyId })).then((answer) =>
          toKey((answer['KeyMetadata'] ?? {}) as JsonAnswer),
        ),
      ),
  };
}

function toKey(from: JsonAnswer): KmsKey {
  return {
    keyId: textIn(from, 'KeyId'),
    arn: textIn(from, 'Arn'),
    accountId: textIn(from, 'AWSAccountId'),
    state: textIn(from, 'KeyState'),
    manager: textIn(from, 'KeyManager'),
    spec: textIn(from, 'KeySpec') || 'SYMMETRIC_DEFAULT',
  };
}
