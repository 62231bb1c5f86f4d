import { isEc2Action, runEc2 } from '../ec2/dispatch.ts';
import { accessDenied } from '../iam/demand.ts';
import { isIamAction, runIam } from '../iam/operations.ts';
import { isKmsAction, runKms } from '../kms/keys.ts';
import { isRdsAction, runRds } from '../rds/dispatch.ts';
import { isRedshiftAction, runRedshift } from '../redshift/dispatch.ts';
import { isServiceQuotasAction, runServiceQuotas } from '../servicequotas/quotas.ts';
import { isSsmAction, runSsm } from '../ssm/dispatch.ts';
import { isStsAction, runSts } from '../sts/operations.ts';
import type { Refusal } from './authenticate.ts';
import type { Call, Reply } from './call.ts';
import { awsError, type AwsError } from './errors.ts';
import { jsonError, jsonReply } from './json.ts';
import { throttled } from './buckets.ts';
import { ec2Error, ec2Reply, queryError, queryReply } from './xml.ts';

export const xmlType = 'text/xml;charset=UTF-8';

/** One AWS service: how it answers, how it reports errors, and what it says to a request it cannot trust. */
export type Service = {
  readonly name: string;
  readonly contentType: string;
  readonly knows: (action: string) => boolean;
  /** Carries out a call and gives the body of its answer. Throws AWS errors. */
  readonly answer: (call: Call) => string;
  readonly writeError: (error: AwsError, requestId: string) => string;
  readonly refuse: (refusal: Refusal, region: string) => Error;
  /** The code and status of a throttled call, a denied one and an outage. */
  readonly throttled: () => Error;
  readonly denied: (call: Call) => Error;
  readonly down: () => Error;
};

const notValidated = 'AWS was not able to validate the provided access credentials';

const ec2Refusals: Readonly<Record<Refusal, () => Error>> = {
  unsigned: () => awsError('MissingParameter', 'The request must contain the parameter AWSAccessKeyId'),
  'unknown-key': () => awsError('AuthFailure', notValidated),
  'bad-signature': () => awsError('AuthFailure', notValidated),
  'bad-token': () => awsError('AuthFailure', notValidated),
  'region-off': () => awsError('AuthFailure', notValidated),
  'bad-region': () => awsError('AuthFailure', `${notValidated}: credential should be scoped to a valid region.`),
  expired: () => awsError('RequestExpired', 'Request has expired.'),
  skewed: () => awsError('RequestExpired', 'Request has expired.'),
};

const ec2: Service = {
  name: 'ec2',
  contentType: xmlType,
  knows: isEc2Action,
  answer: (call) => ec2Reply(call.action, call.requestId, runEc2(call)),
  writeError: (error, requestId) => ec2Error(error.code, error.message, requestId),
  refuse: (refusal) => ec2Refusals[refusal](),
  throttled: () => awsError('RequestLimitExceeded', 'Request limit exceeded.'),
  denied: (call) =>
    awsError(
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. User: ${call.caller.arn} is not authorized to perform: ec2:${call.action} with an explicit deny.`,
    ),
  down: () => awsError('Unavailable', 'The server is overloaded and can not handle the request.'),
};

const invalidToken = (): Error =>
  awsError('InvalidClientTokenId', 'The security token included in the request is invalid.');

const queryRefusals: Readonly<Record<Refusal, () => Error>> = {
  unsigned: () => awsError('MissingAuthenticationToken', 'Request is missing Authentication Token'),
  'unknown-key': invalidToken,
  'bad-token': invalidToken,
  'region-off': invalidToken,
  'bad-signature': () =>
    awsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ),
  'bad-region': () => awsError('SignatureDoesNotMatch', 'Credential should be scoped to a valid region.'),
  skewed: () => awsError('SignatureDoesNotMatch', 'Signature expired: the time of signing is too far from now.'),
  expired: () => awsError('ExpiredToken', 'The security token included in the request is expired'),
};

const queryService = (input: {
  readonly name: string;
  readonly namespace: string;
  readonly knows: (action: string) => boolean;
  readonly run: (call: Call) => Reply | undefined;
}): Service => ({
  name: input.name,
  contentType: xmlType,
  knows: input.knows,
  answer: (call) =>
    queryReply({ action: call.action, namespace: input.namespace, requestId: call.requestId, reply: input.run(call) }),
  writeError: (error, requestId) => queryError({ ...error, namespace: input.namespace, requestId }),
  refuse: (refusal) => queryRefusals[refusal](),
  throttled: () => awsError('Throttling', 'Rate exceeded', 400),
  denied: (call) => accessDenied(call, { action: `${input.name}:${call.action}`, reason: 'with an explicit deny' }),
  down: () => awsError('ServiceUnavailable', 'The service is unavailable. Please retry.'),
});

const sts = queryService({
  name: 'sts',
  namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  knows: isStsAction,
  run: runSts,
});
const iam = queryService({
  name: 'iam',
  namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  knows: isIamAction,
  run: runIam,
});
const rds = queryService({
  name: 'rds',
  namespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
  knows: isRdsAction,
  run: runRds,
});
const redshift = queryService({
  name: 'redshift',
  namespace: 'http://redshift.amazonaws.com/doc/2012-12-01/',
  knows: isRedshiftAction,
  run: runRedshift,
});

const unrecognized = (): Error =>
  awsError('UnrecognizedClientException', 'The security token included in the request is invalid.');

const jsonRefusals: Readonly<Record<Refusal, () => Error>> = {
  unsigned: () => awsError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
  'unknown-key': unrecognized,
  'bad-token': unrecognized,
  'region-off': unrecognized,
  'bad-signature': () =>
    awsError(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided.',
    ),
  'bad-region': () => awsError('InvalidSignatureException', 'Credential should be scoped to a valid region.'),
  skewed: () => awsError('InvalidSignatureException', 'Signature expired: the time of signing is too far from now.'),
  expired: () => awsError('ExpiredTokenException', 'The security token included in the request is expired'),
};

const jsonService = (input: {
  readonly name: string;
  readonly knows: (action: string) => boolean;
  readonly run: (call: Call) => Reply | undefined;
}): Service => ({
  name: input.name,
  contentType: 'application/x-amz-json-1.1',
  knows: input.knows,
  answer: (call) => jsonReply(input.run(call)),
  writeError: (error) => jsonError(error.code, error.message),
  refuse: (refusal) => jsonRefusals[refusal](),
  throttled: () => throttled(input.name),
  denied: (call) => accessDenied(call, { action: `${input.name}:${call.action}`, reason: 'with an explicit deny' }),
  down: () => awsError('ServiceUnavailableException', 'The service is unavailable. Please retry.', 503),
});

const ssm = jsonService({ name: 'ssm', knows: isSsmAction, run: runSsm });

const kms = jsonService({ name: 'kms', knows: isKmsAction, run: runKms });

const serviceQuotas = jsonService({ name: 'servicequotas', knows: isServiceQuotasAction, run: runServiceQuotas });

const services: readonly Service[] = [ec2, sts, iam, rds, redshift, ssm, kms, serviceQuotas];

/** The service a signature is scoped to; for an unsigned request the one that knows the action. */
export const serviceFor = (scope: string | undefined, action: string): Service | undefined =>
  scope === undefined
    ? (services.find((service) => service.knows(action)) ?? ec2)
    : services.find((service) => service.name === scope);
