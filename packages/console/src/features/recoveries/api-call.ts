/** A call of the API: where it goes, below `/api/v1`, and what it sends. */
export type ApiCall = { readonly path: string; readonly body: object };

/** The call as a line for the shell; credentials are left for whoever sends it to fill in. */
export function describeApiCall(origin: string, { path, body }: ApiCall): string {
  const shown = 'credentials' in body ? { ...body, credentials: WITHOUT_SECRETS } : body;
  return [
    `curl --request POST ${quoted(`${origin}/api/v1${path}`)}`,
    '--header "Authorization: Bearer $CPM_TOKEN"',
    `--header ${quoted('Content-Type: application/json')}`,
    `--header "Idempotency-Key: $(uuidgen)"`,
    `--data ${quoted(JSON.stringify(shown, null, 2))}`,
  ].join(' \\\n  ');
}

const WITHOUT_SECRETS = { accessKeyId: '<access key id>', secretAccessKey: '<secret access key>' };

/** As one word of a POSIX shell, whatever it holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
