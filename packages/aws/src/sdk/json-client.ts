import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentials } from '../port/access.ts';

/** A service of AWS that speaks JSON 1.1 over one address (Smithy specification, "AWS JSON 1.1 protocol"). */
type JsonService = {
  /** The name in host and signature: `kms`. */
  readonly name: string;
  /** What comes before the action in `X-Amz-Target`. */
  readonly target: string;
};

type JsonClientInput = {
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly requestHandler: NodeHttpHandler;
  readonly endpoint?: string;
};

export type JsonAnswer = Readonly<Record<string, unknown>>;
/** Sends an action; throws errors in the form of those of the SDK's clients. */
export type JsonClient = { readonly send: (action: string, input: object) => Promise<JsonAnswer> };

/**
 * Calls a few reads of services for which a whole client of the SDK would be much for little; signing and connections are the
 * SDK's own.
 */
export function jsonClient({ name, target }: JsonService, input: JsonClientInput): JsonClient {
  const { region, credentials, requestHandler } = input;
  const endpoint = new URL(input.endpoint ?? `https://${name}.${region}.${suffixOf(region)}`);
  const signer = new SignatureV4({ service: name, region, credentials: { ...credentials }, sha256: Sha256 });
  return {
    send: async (action, parameters) => {
      const request = new HttpRequest({
        method: 'POST',
        protocol: endpoint.protocol,
        hostname: endpoint.hostname,
        ...(endpoint.port === '' ? {} : { port: Number(endpoint.port) }),
        path: '/',
        headers: {
          host: endpoint.host,
          'content-type': 'application/x-amz-json-1.1',
          'user-agent': 'app/cpm',
          'x-amz-target': `${target}.${action}`,
        },
        body: JSON.stringify(parameters),
      });
      const { response } = await requestHandler.handle(HttpRequest.clone(await signer.sign(request)));
      const text = await textOf(response.body as AsyncIterable<Uint8Array>);
      const answer = asObject(text);
      if (response.statusCode < 300) return answer;
      throw errorOf(answer, { status: response.statusCode, requestId: response.headers['x-amzn-requestid'] });
    },
  };
}

/** DNS suffixes by the beginning of a region's name, where it is not amazonaws.com (AWS's `partitions.json`). */
const SUFFIXES: readonly (readonly [begin: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-iso-', 'c2s.ic.gov'],
];

const suffixOf = (region: string): string =>
  SUFFIXES.find(([begin]) => region.startsWith(begin))?.[1] ?? 'amazonaws.com';

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function asObject(text: string): JsonAnswer {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as JsonAnswer) : {};
  } catch {
    return {};
  }
}

/** `__type` may have a namespace before a `#`; the message is spelled with either letter. */
function errorOf(answer: JsonAnswer, { status, requestId }: { status: number; requestId: string | undefined }): Error {
  const { __type: type, message, Message } = answer;
  const code = typeof type === 'string' ? (type.split('#').at(-1) ?? '') : '';
  const words = [message, Message].find((each) => typeof each === 'string') ?? '';
  return Object.assign(new Error(words), {
    name: code === '' ? 'UnknownError' : code,
    $metadata: { httpStatusCode: status, requestId },
  });
}
