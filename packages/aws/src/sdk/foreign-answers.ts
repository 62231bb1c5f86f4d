import type { DeserializeMiddleware, MiddlewareStack } from '@smithy/types';

type Answer = {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly destroy?: () => void };
};

/**
 * Turns a success that is no XML (the sign-in page of a network, a proxy's notice) into an error with its status: read
 * as XML it would be an empty listing. Failures pass: whatever their form, the status says enough.
 */
export function refuseForeignAnswers<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
): void {
  const middleware: DeserializeMiddleware<Input, Output> = (next) => async (args) => {
    const result = await next(args);
    const { statusCode = 0, headers = {}, body } = result.response as Answer;
    if (statusCode >= 300 || /xml/i.test(headers['content-type'] ?? '')) return result;
    body?.destroy?.();
    throw Object.assign(new Error(`The answer has status ${statusCode} and is not of AWS's form.`), {
      name: 'ForeignAnswer',
      $metadata: { httpStatusCode: statusCode, requestId: headers['x-amzn-requestid'] },
    });
  };
  stack.addRelativeTo(middleware, {
    name: 'refuseForeignAnswers',
    relation: 'after',
    toMiddleware: 'deserializerMiddleware',
  });
}
