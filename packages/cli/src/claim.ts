import { defineCommand, needed, wrongInput } from './command.ts';
import { agreeOnTrust } from './connection/first-contact.ts';
import { keepLogin } from './connection/keep-login.ts';
import { chooseServer } from './connection/settings.ts';
import { makeToken, sessionClient } from './connection/sign-in.ts';
import { trustOptions } from './input/trust-options.ts';
import type { Io } from './surroundings.ts';
import { askSecret, isInteractive } from './terminal/ask.ts';

export const command = defineCommand({
  options: {
    user: needed('--user <name>', 'The name of the root user.'),
    email: needed('--email <address>', 'The e-mail address of the root user.'),
    ...trustOptions,
  },
  notes: [
    'The server prints the claim secret when it starts for the first time. Secret and password are never',
    'arguments: they are asked for without echo, or taken from CPM_CLAIM_SECRET and CPM_PASSWORD, or from',
    'two lines of standard input, the secret first. The new user is signed in, as by cpm login.',
  ].join('\n'),
  examples: ['cpm claim --server https://backup.example.com:8443 --user root --email root@example.com'],
  run: async ({ io, global, options, print }) => {
    const server = await chooseServer(io, global.server);
    const trust = await agreeOnTrust(io, server, options);
    const secret = await askSecret(io, { what: 'Claim secret', variable: 'CPM_CLAIM_SECRET', otherwise: 'stdin' });
    const password = await askNewPassword(io);
    const api = sessionClient(server, trust);
    const body = { secret, name: options.user, email: options.email, password };
    const { user } = await api('POST /setup/claim', { body, signal: io.signal });
    const token = await makeToken(api, undefined);
    const login = { server: server.origin, trust, token: token.secret, tokenId: token.id, user: user.name };
    await keepLogin({ io, print }, login);
    await api('DELETE /session', {});
  },
});

/** Typed twice where it is typed at all: nobody sees it. */
async function askNewPassword(io: Io): Promise<string> {
  const ask = (what: string) => askSecret(io, { what, variable: 'CPM_PASSWORD', otherwise: 'stdin' });
  const password = await ask('New password');
  if (isInteractive(io) && (await ask('The same again')) !== password) {
    throw wrongInput('password', 'the two are not the same');
  }
  return password;
}
