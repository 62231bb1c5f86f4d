import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createClient, UnreachableError } from '@cpm/contract/client';
import { afterEach, describe, expect, it } from 'vitest';
import { makeSelfSigned, type SelfSigned } from '../../test-setup/self-signed.ts';
import { createHttpsFetch } from './https-fetch.ts';
import { lookAtCertificate, parseFingerprint, type Trust } from './trust.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A real HTTPS server that says `{"claimed":true}` to everything and counts what it was asked. */
async function startHttps(certificate: SelfSigned, port = 0) {
  const requests: string[] = [];
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.end('{"claimed":true}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { url, requests, server };
}

function clientOf(url: URL, trust: Trust) {
  return createClient({
    baseUrl: `${url.origin}/api/v1`,
    fetch: createHttpsFetch(url, trust),
    headers: () => ({ authorization: 'Bearer token' }),
  });
}

describe('a required certificate', () => {
  it('is enough, although no authority vouches for it', async () => {
    const certificate = makeSelfSigned();
    const { url, requests } = await startHttps(certificate);
    const call = clientOf(url, { kind: 'certificate', sha256: certificate.sha256 });
    expect(await call('GET /setup', {})).toEqual({ claimed: true });
    expect(requests).toEqual(['GET /api/v1/setup Bearer token']);
  });

  it('is the only one: another certificate ends the connection before the token is sent', async () => {
    const { url, requests } = await startHttps(makeSelfSigned());
    const call = clientOf(url, { kind: 'certificate', sha256: makeSelfSigned().sha256 });
    const refusal = await call('GET /setup', {}).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UnreachableError);
    expect((refusal as UnreachableError).cause).toMatchObject({
      code: 'server_unreachable',
      message: expect.stringContaining('another certificate'),
    });
    expect(requests).toEqual([]);
  });

  it('is checked again on every new connection', async () => {
    const certificate = makeSelfSigned();
    const { url, server } = await startHttps(certificate);
    const call = clientOf(url, { kind: 'certificate', sha256: certificate.sha256 });
    await call('GET /setup', {});
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const impostor = await startHttps(makeSelfSigned(), Number(url.port));
    await expect(call('GET /setup', {})).rejects.toBeInstanceOf(UnreachableError);
    expect(impostor.requests).toEqual([]);
  });
});

describe('an authority', () => {
  it('vouches for the certificates that it signed, and for no other', async () => {
    const certificate = makeSelfSigned();
    const { url } = await startHttps(certificate);
    const other = await startHttps(makeSelfSigned());
    const trust: Trust = { kind: 'authority', pem: certificate.cert };
    expect(await clientOf(url, trust)('GET /setup', {})).toEqual({ claimed: true });
    await expect(clientOf(other.url, trust)('GET /setup', {})).rejects.toBeInstanceOf(UnreachableError);
    expect(other.requests).toEqual([]);
  });

  it('that is public does not vouch for a self-signed certificate', async () => {
    const { url, requests } = await startHttps(makeSelfSigned());
    await expect(clientOf(url, { kind: 'public' })('GET /setup', {})).rejects.toBeInstanceOf(UnreachableError);
    expect(requests).toEqual([]);
  });
});

describe('the first contact', () => {
  it('tells the fingerprint of a self-signed certificate and sends nothing', async () => {
    const certificate = makeSelfSigned();
    const { url, requests } = await startHttps(certificate);
    expect(await lookAtCertificate(url)).toMatchObject({
      kind: 'unknown',
      sha256: certificate.sha256,
      isSelfSigned: true,
      subject: 'CN=CPM test',
    });
    expect(requests).toEqual([]);
  });
});

describe('an answer', () => {
  it('keeps every cookie apart', async () => {
    const certificate = makeSelfSigned();
    const { url } = await startHttps(certificate);
    const fetch = createHttpsFetch(url, { kind: 'certificate', sha256: certificate.sha256 });
    const response = await fetch(`${url.origin}/x`, {});
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('that nobody waits for any more is given up', async () => {
    const certificate = makeSelfSigned();
    const { url } = await startHttps(certificate);
    const call = clientOf(url, { kind: 'certificate', sha256: certificate.sha256 });
    await expect(call('GET /setup', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a fingerprint', () => {
  const hex = 'ab'.repeat(32);
  const formal = Array.from({ length: 32 }, () => 'AB').join(':');

  it.each([
    hex,
    hex.toUpperCase(),
    formal,
    ` ${formal}\n`,
    `sha256 Fingerprint=${formal}`,
    `SHA-256: ${formal}`,
    `sha256:${hex}`,
  ])('is understood as %s', (text) => {
    expect(parseFingerprint(text, '--fingerprint')).toBe(formal);
  });

  it.each(['', 'ab', hex.slice(1), `${hex}a`, hex.replace('a', 'g'), 'sha1:' + 'ab'.repeat(20)])(
    'is refused as %s',
    (text) => {
      expect(() => parseFingerprint(text, '--fingerprint')).toThrowError(
        expect.objectContaining({ exitCode: 2, fields: [expect.objectContaining({ path: '--fingerprint' })] }) as Error,
      );
    },
  );
});
