import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { AwsCredentials } from '../port/access.ts';
import type { BackEnd } from './back-end.ts';

const START_WITHIN_MS = 60_000;
const WATCHER_POLICY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' }],
};
const OWNER_POLICY = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** A running moto server; null where this machine has no Python with moto. */
export type MotoProcess = { readonly url: string; readonly stop: () => Promise<void> };

/** Starts `python3 -m moto.server` on a free port of the loopback. */
export async function startMotoProcess(): Promise<MotoProcess | null> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const child = spawn('python3', ['-u', '-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    // moto's own thousand images and snapshots would drown those of the suite.
    env: { ...Object.fromEntries(kept), MOTO_EC2_LOAD_DEFAULT_AMIS: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Also when the run is cut short: a witness left behind would keep its port and its memory.
  process.once('exit', () => child.kill('SIGKILL'));
  const url = await addressOf(child);
  if (url === null) return null;
  return { url, stop: () => end(child) };
}

/** moto says on which port it listens; null when it ends first, because Python or moto is missing. */
function addressOf(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), START_WITHIN_MS);
    const settle = (url: string | null) => {
      clearTimeout(timer);
      resolve(url);
    };
    child.once('error', () => settle(null));
    child.once('exit', () => settle(null));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      // The lines go on being read: a full pipe would stop moto.
      createInterface({ input: stream }).on('line', (line) => {
        const [, url] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
        if (url !== undefined) settle(url);
      });
    }
  });
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

/** moto with an owner and a watcher in its account, checking signatures and permissions from then on. */
export async function motoBackEnd({ url, stop }: MotoProcess): Promise<BackEnd> {
  const owner = await makeUser(url, 'owner', OWNER_POLICY);
  const watcher = await makeUser(url, 'watcher', WATCHER_POLICY);
  await post(`${url}/moto-api/reset-auth`, { 'content-type': 'text/plain' }, '0');
  return {
    name: 'moto',
    url,
    region: 'us-east-1',
    otherRegion: 'eu-west-1',
    owner,
    accountId: '123456789012',
    watcher,
    // It takes commands for any instance.
    managedInstanceId: 'i-0a0a0a0a0a0a0a0a0',
    settle: async () => {},
    // What does not happen at once never does.
    patienceMs: 5_000,
    faults: null,
    stop,
  };
}

async function makeUser(url: string, UserName: string, policy: object): Promise<AwsCredentials> {
  await iam(url, { Action: 'CreateUser', UserName });
  const PolicyDocument = JSON.stringify(policy);
  await iam(url, { Action: 'PutUserPolicy', UserName, PolicyName: 'all', PolicyDocument });
  const made = await iam(url, { Action: 'CreateAccessKey', UserName });
  const field = (name: string) => new RegExp(`<${name}>([^<]+)<`).exec(made)?.[1] ?? '';
  return { accessKeyId: field('AccessKeyId'), secretAccessKey: field('SecretAccessKey') };
}

/** Before it checks signatures moto takes any; the scope only says which service is meant. */
function iam(url: string, params: Readonly<Record<string, string>>): Promise<string> {
  const scope = 'Credential=setup/20260101/us-east-1/iam/aws4_request';
  const authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none`;
  const body = new URLSearchParams({ Version: '2010-05-08', ...params }).toString();
  return post(url, { authorization, 'content-type': 'application/x-www-form-urlencoded' }, body);
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`moto refused its set-up: ${response.status} ${text.slice(0, 300)}`);
  return text;
}
