import type { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * Turns a success that is no XML (the sign-in page of a network, a proxy's notice) into an error with its status: read
 * as XML it would be an empty listing. Failures pass: whatever their form, the status says enough.
 */
export function refuseForeignAnswers(handler: NodeHttpHandler): NodeHttpHandler {
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options) => {
    const result = await handle(request, options);
    const { statusCode, headers, body } = result.response;
    if (statusCode >= 300 || /xml/i.test(headers['content-type'] ?? '')) return result;
    (body as { readonly destroy?: () => void }).destroy?.();
    throw Object.assign(new Error(`The answer has status ${statusCode} and is not of AWS's form.`), {
      name: 'ForeignAnswer',
      $metadata: { httpStatusCode: statusCode, requestId: headers['x-amzn-requestid'] },
    });
  };
  return handler;
}
