/** What a reply is made of: an undefined member is left out, a list becomes repeated elements, a Date an ISO 8601 time. */
export type Wire = string | number | boolean | Date | undefined | readonly Wire[] | { readonly [name: string]: Wire };

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

// XML 1.0 has no way at all to write these characters, not even escaped.
// oxlint-disable-next-line no-control-regex
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const escapeText = (text: string): string =>
  text.replace(unwritable, '\ufffd').replace(/[&<>"\r]/g, (character) => escapes[character] ?? character);

const isList = (value: Wire): value is readonly Wire[] => Array.isArray(value);

/** A list whose elements have a name of their own, as most of RDS and Redshift have: `DBInstances` made of `DBInstance`. */
export const listOf = (tag: string, members: readonly Wire[]): Wire => Object.assign([...members], { tag });

const writeValue = (value: Wire, listTag: string): string => {
  if (value === undefined) return '';
  if (isList(value)) {
    const tag = 'tag' in value ? String(value.tag) : listTag;
    return value.map((member) => writeElement(tag, member, listTag)).join('');
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return writeMembers(value, listTag);
  return typeof value === 'string' ? escapeText(value) : String(value);
};

const writeElement = (name: string, value: Wire, listTag: string): string => {
  if (value === undefined) return '';
  const text = writeValue(value, listTag);
  return text === '' ? `<${name}/>` : `<${name}>${text}</${name}>`;
};

const writeMembers = (members: { readonly [name: string]: Wire }, listTag: string): string =>
  Object.entries(members)
    .map(([name, value]) => writeElement(name, value, listTag))
    .join('');

const prologue = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A reply in the EC2 query protocol: members directly in the response, lists made of `item`. */
export const ec2Reply = (action: string, requestId: string, reply: { readonly [name: string]: Wire }): string =>
  `${prologue}<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${writeElement('requestId', requestId, 'item')}${writeMembers(reply, 'item')}</${action}Response>`;

/** A reply in the query protocol of STS, IAM, RDS and Redshift: members inside a result element, lists made of `member` unless they are named. */
export const queryReply = (input: {
  readonly action: string;
  readonly namespace: string;
  readonly requestId: string;
  readonly reply: { readonly [name: string]: Wire } | undefined;
}): string => {
  const { action, namespace, requestId, reply } = input;
  const result = reply === undefined ? '' : `<${action}Result>${writeMembers(reply, 'member')}</${action}Result>`;
  return `${prologue}<${action}Response xmlns="${namespace}">${result}<ResponseMetadata>${writeElement('RequestId', requestId, 'member')}</ResponseMetadata></${action}Response>`;
};

/** An error in the EC2 query protocol. */
export const ec2Error = (code: string, message: string, requestId: string): string =>
  `${prologue}<Response><Errors><Error>${writeMembers({ Code: code, Message: message }, 'item')}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;

/** An error in the query protocol of STS, IAM, RDS and Redshift. */
export const queryError = (input: {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly namespace: string;
  readonly requestId: string;
}): string => {
  const blame = input.status >= 500 ? 'Receiver' : 'Sender';
  const error = writeMembers({ Type: blame, Code: input.code, Message: input.message }, 'member');
  return `${prologue}<ErrorResponse xmlns="${input.namespace}"><Error>${error}</Error><RequestId>${input.requestId}</RequestId></ErrorResponse>`;
};
