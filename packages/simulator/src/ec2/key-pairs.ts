import { createHash, generateKeyPairSync } from 'node:crypto';
import type { KeyPair } from '../state/records.ts';
import { madeBy, newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidValue, missingParameter } from '../wire/errors.ts';
import { applyFilters, tagFilters, type FilterTable } from './filters.ts';
import { checkForm, kinds, notFound, ownThings } from './kinds.ts';
import type { Operations } from './operation.ts';
import { requestedTags, tagSet } from './tag-rules.ts';

const fingerprintOf = (text: string | Buffer): string =>
  createHash('sha1')
    .update(text)
    .digest('hex')
    .replace(/(..)(?=.)/g, '$1:');

const makeKeyPair = (
  call: Call,
  wish: {
    readonly name: string;
    readonly type: string;
    readonly material: string | Buffer;
    readonly publicKey: string | undefined;
    readonly tags?: ReadonlyMap<string, string> | undefined;
  },
): KeyPair => {
  const pair: KeyPair = {
    ...newThing(call, call.world.ids.id('key'), wish.tags),
    name: wish.name,
    type: wish.type,
    fingerprint: fingerprintOf(wish.material),
    publicKey: wish.publicKey,
  };
  call.region.keyPairs.set(pair.id, pair);
  return pair;
};

export const keyPairNamed = (call: Call, name: string): KeyPair | undefined =>
  ownThings(call, kinds.keyPair).find((pair) => pair.name === name);

const freeName = (call: Call): string => {
  const name = call.params.requiredText('KeyName');
  if (name.length > 255) throw invalidValue(name, 'keyName');
  if (keyPairNamed(call, name) !== undefined)
    throw awsError('InvalidKeyPair.Duplicate', `The keypair already exists: ${name}`);
  return name;
};

const create = (call: Call): Reply => {
  const name = freeName(call);
  const type = call.params.text('KeyType') ?? 'rsa';
  if (type !== 'rsa' && type !== 'ed25519') throw invalidValue(type, 'keyType');
  // An elliptic key is made in a moment; the simulator's private keys open nothing.
  const { privateKey } = generateKeyPairSync('ed25519');
  const material = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const pair = makeKeyPair(call, { name, type, material, publicKey: undefined, tags: requestedTags(call, 'key-pair') });
  return {
    keyPairId: pair.id,
    keyName: pair.name,
    keyFingerprint: pair.fingerprint,
    keyMaterial: material,
    tagSet: tagSet(call, pair),
  };
};

const importPair = (call: Call): Reply => {
  const name = freeName(call);
  const publicKey = Buffer.from(call.params.requiredText('PublicKeyMaterial'), 'base64').toString();
  if (!/^ssh-(?:rsa|ed25519) \S+/.test(publicKey) && !publicKey.startsWith('-----BEGIN')) {
    throw awsError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  }
  const type = publicKey.startsWith('ssh-ed25519') ? 'ed25519' : 'rsa';
  const pair = makeKeyPair(call, { name, type, material: publicKey, publicKey, tags: requestedTags(call, 'key-pair') });
  return { keyPairId: pair.id, keyName: pair.name, keyFingerprint: pair.fingerprint, tagSet: tagSet(call, pair) };
};

const filters: FilterTable<KeyPair> = {
  ...tagFilters,
  'key-pair-id': (pair) => pair.id,
  fingerprint: (pair) => pair.fingerprint,
  'key-name': (pair) => pair.name,
};

const describe = (call: Call): Reply => {
  const names = call.params.texts('KeyName');
  const ids = call.params.texts('KeyPairId');
  const own = ownThings(call, kinds.keyPair);
  for (const id of ids) {
    checkForm(kinds.keyPair, id, 'KeyPairId');
    if (!own.some((pair) => pair.id === id)) throw notFound(kinds.keyPair, id);
  }
  const unknown = names.find((name) => !own.some((pair) => pair.name === name));
  if (unknown !== undefined) throw awsError('InvalidKeyPair.NotFound', `The key pair '${unknown}' does not exist`);
  const chosen = own.filter(
    (pair) => (names.length === 0 || names.includes(pair.name)) && (ids.length === 0 || ids.includes(pair.id)),
  );
  const withKey = call.params.flag('IncludePublicKey') === true;
  const rows = applyFilters(call, chosen, filters).map((pair) => ({
    keyPairId: pair.id,
    keyName: pair.name,
    keyFingerprint: pair.fingerprint,
    keyType: pair.type,
    publicKey: withKey ? pair.publicKey : undefined,
    createTime: new Date(pair.createdAt),
    tagSet: tagSet(call, pair),
  }));
  return { keySet: rows };
};

const remove = (call: Call): Reply => {
  const name = call.params.text('KeyName');
  const id = call.params.text('KeyPairId');
  if (name === undefined && id === undefined) throw missingParameter('KeyName');
  const pair = ownThings(call, kinds.keyPair).find((one) => (id === undefined ? one.name === name : one.id === id));
  // EC2 is content when there is nothing to delete.
  if (pair !== undefined) {
    pair.deletedAt = call.now;
    pair.deletedBy = madeBy(call);
  }
  return { return: true, keyPairId: pair?.id };
};

/** SSH keys that instances are launched with. */
export const keyPairOperations: Operations = {
  CreateKeyPair: { required: ['KeyName'], makes: ['key-pair'], run: create },
  ImportKeyPair: { required: ['KeyName', 'PublicKeyMaterial'], makes: ['key-pair'], run: importPair },
  DescribeKeyPairs: { run: describe },
  DeleteKeyPair: { run: remove },
};
