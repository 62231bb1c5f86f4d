import type { DeserializeMiddleware, MiddlewareStack } from '@smithy/types';

type Answer = {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly destroy?: () => void };
};

/**
 * Turns an answer that is no XML (a proxy's page, a balancer's error, an endpoint that does not know the action) into
 * a plain error with its status. Read as XML, a page with status 200 would be an empty listing.
 */
export function refuseForeignAnswers<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
): void {
  const middleware: DeserializeMiddleware<Input, Output> = (next) => async (args) => {
    const result = await next(args);
    const { statusCode = 0, headers = {}, body } = result.response as Answer;
    if (/xml/i.test(headers['content-type'] ?? '')) return result;
    body?.destroy?.();
    throw Object.assign(new Error(`The answer has status ${statusCode} and is not of AWS's form.`), {
      name: `Http${statusCode}`,
      $metadata: { httpStatusCode: statusCode, requestId: headers['x-amzn-requestid'] },
    });
  };
  stack.addRelativeTo(middleware, {
    name: 'refuseForeignAnswers',
    relation: 'after',
    toMiddleware: 'deserializerMiddleware',
  });
}
