import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../index.ts';
import { alpha, spare, stageEstate } from '../testing/stage.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

describe('On the wire', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ estate: stageEstate, clock: 'manual' });
  });
  afterAll(() => simulator.stop());

  type Wish = { readonly service?: string; readonly region?: string; readonly at?: Date };
  const send = async (
    fields: Record<string, string>,
    { service = 'ec2', region = 'us-east-1', at = new Date() }: Wish = {},
  ): Promise<{ status: number; text: string }> => {
    const body = new URLSearchParams({ Version: '2016-11-15', ...fields }).toString();
    const stamp = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const host = new URL(simulator.url).host;
    const canonical = [
      'POST',
      '/',
      '',
      `host:${host}`,
      `x-amz-date:${stamp}`,
      '',
      'host;x-amz-date',
      sha256(body),
    ].join('\n');
    const scope = `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`;
    const key = hmac(
      hmac(hmac(hmac(`AWS4${alpha.secretAccessKey}`, stamp.slice(0, 8)), region), service),
      'aws4_request',
    );
    const signature = hmac(key, ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n')).toString('hex');
    const authorization = `AWS4-HMAC-SHA256 Credential=${alpha.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
    const reply = await fetch(simulator.url, {
      method: 'POST',
      body,
      headers: { 'x-amz-date': stamp, authorization, 'content-type': 'application/x-www-form-urlencoded' },
    });
    return { status: reply.status, text: await reply.text() };
  };

  it('a reply of EC2 names its action, its namespace and the request, and lists items', async () => {
    const { status, text } = await send({ Action: 'DescribeVolumes', 'VolumeId.1': spare });
    expect(status).toBe(200);
    expect(text).toMatch(
      /<DescribeVolumesResponse xmlns="http:\/\/ec2.amazonaws.com\/doc\/2016-11-15\/"><requestId>[0-9a-f-]{36}<\/requestId><volumeSet><item><volumeId>/,
    );
    expect(text).toContain('<attachmentSet/>');
    expect(text).toMatch(/<createTime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z<\/createTime>/);
    expect(text).toContain('<encrypted>false</encrypted>');
  });
  it('an error of EC2 has its own shape, one of STS another', async () => {
    const ofEc2 = await send({ Action: 'DeleteVolume', VolumeId: 'vol-0123456789abcdef0' });
    expect([ofEc2.status, ofEc2.text]).toEqual([
      400,
      expect.stringMatching(
        /<Response><Errors><Error><Code>InvalidVolume.NotFound<\/Code><Message>The volume 'vol-0123456789abcdef0' does not exist.<\/Message><\/Error><\/Errors><RequestID>/,
      ),
    ]);
    const ofSts = await send({ Action: 'Nonsense' }, { service: 'sts' });
    expect([ofSts.status, ofSts.text]).toEqual([
      400,
      expect.stringMatching(
        /<ErrorResponse xmlns="https:\/\/sts.amazonaws.com\/doc\/2011-06-15\/"><Error><Type>Sender<\/Type><Code>InvalidAction<\/Code>/,
      ),
    ]);
  });
  it.each([
    ['an unknown action', { Action: 'MakeCoffee' }, 400, 'InvalidAction'],
    ['no action', {}, 400, 'MissingAction'],
    ['a missing parameter', { Action: 'CreateSnapshot' }, 400, 'MissingParameter'],
    ['an empty parameter', { Action: 'CreateSnapshot', VolumeId: '' }, 400, 'MissingParameter'],
    [
      'a number that is none',
      { Action: 'CreateVolume', AvailabilityZone: 'us-east-1a', Size: 'big' },
      400,
      'InvalidParameterValue',
    ],
    [
      'a switch that is none',
      { Action: 'CreateVolume', AvailabilityZone: 'us-east-1a', Size: '1', Encrypted: 'maybe' },
      400,
      'InvalidParameterValue',
    ],
    ['a dry run', { Action: 'DeleteVolume', VolumeId: spare, DryRun: 'true' }, 412, 'DryRunOperation'],
  ])('%s is answered with the status and code of AWS', async (_what, fields, status, code) => {
    const reply = await send(fields);
    expect([reply.status, /<Code>([^<]+)</.exec(reply.text)?.[1]]).toEqual([status, code]);
  });
  it('a region nobody has is refused', async () => {
    const reply = await send({ Action: 'DescribeVolumes' }, { region: 'mars-north-1' });
    expect([reply.status, /<Code>([^<]+)</.exec(reply.text)?.[1]]).toEqual([401, 'AuthFailure']);
  });
  it('a signature of an hour ago is refused', async () => {
    const reply = await send({ Action: 'DescribeVolumes' }, { at: new Date(Date.now() - 3_600_000) });
    expect(/<Code>([^<]+)</.exec(reply.text)?.[1]).toBe('RequestExpired');
  });
  it('an unsigned request is refused in the words of the service', async () => {
    const unsigned = async (action: string): Promise<string | undefined> => {
      const reply = await fetch(simulator.url, { method: 'POST', body: new URLSearchParams({ Action: action }) });
      return /<Code>([^<]+)</.exec(await reply.text())?.[1];
    };
    expect([await unsigned('DescribeVolumes'), await unsigned('GetCallerIdentity')]).toEqual([
      'MissingParameter',
      'MissingAuthenticationToken',
    ]);
  });
  it('hostile text comes back as it was sent and never as markup', async () => {
    const value = '</value><x>&"\'';
    await send({ Action: 'CreateTags', 'ResourceId.1': spare, 'Tag.1.Key': '__proto__', 'Tag.1.Value': value });
    expect(
      (await send({ Action: 'DescribeTags', 'Filter.1.Name': 'key', 'Filter.1.Value.1': '__proto__' })).text,
    ).toContain("<value>&lt;/value&gt;&lt;x&gt;&amp;&quot;'</value>");
  });
  it('an unknown service is refused', async () => {
    expect((await send({ Action: 'DescribeStacks' }, { service: 'cloudformation' })).text).toContain(
      '<Code>InvalidAction</Code>',
    );
  });
});
