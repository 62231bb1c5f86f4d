import type { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * Turns a success of another form than AWS's (the sign-in page of a network, a proxy's notice) into an error with its
 * status: read as AWS's it would be an empty listing. Failures pass: whatever their form, the status says enough.
 */
export function refuseForeignAnswers(handler: NodeHttpHandler): NodeHttpHandler {
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options) => {
    const result = await handle(request, options);
    const { statusCode, headers, body } = result.response;
    // Services that speak JSON name their action in a header.
    const form = 'x-amz-target' in request.headers ? /json/i : /xml/i;
    if (statusCode >= 300 || form.test(headers['content-type'] ?? '')) return result;
    (body as { readonly destroy?: () => void }).destroy?.();
    throw Object.assign(new Error(`The answer has status ${statusCode} and is not of AWS's form.`), {
      name: 'ForeignAnswer',
      $metadata: { httpStatusCode: statusCode, requestId: headers['x-amzn-requestid'] },
    });
  };
  return handler;
}
