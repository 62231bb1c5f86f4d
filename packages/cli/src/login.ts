import { defineCommand, flag, text } from './command.ts';
import { agreeOnTrust } from './connection/first-contact.ts';
import { trustOptions } from './input/trust-options.ts';
import { keepLogin } from './connection/keep-login.ts';
import { chooseServer } from './connection/settings.ts';
import { makeToken, sessionClient } from './connection/sign-in.ts';
import { expiresInDays } from './input/expiry.ts';
import { askSecret, askText } from './terminal/ask.ts';

export const command = defineCommand({
  options: {
    user: text('--user <name>', 'The user to sign in as.'),
    token: flag('--token', 'Keep an API token that exists already instead of signing in.'),
    expiresInDays,
    ...trustOptions,
  },
  notes: [
    'The password is never an argument: it is asked for without echo, or taken from CPM_PASSWORD, or',
    'from a line of standard input; with --token the same holds for the token and CPM_TOKEN.',
    'What is kept is a token of its own for this computer, and how the server proves itself.',
  ].join('\n'),
  examples: [
    'cpm login --server https://backup.example.com:8443 --user root',
    'cpm login --server backup.example.com:8443 --user root --fingerprint AB:CD:… < password-file',
    'cpm login --server backup.example.com:8443 --token --ca company-ca.pem < token-file',
  ],
  run: async ({ io, global, options, print }) => {
    const server = await chooseServer(io, global.server);
    const trust = await agreeOnTrust(io, server, options);
    if (options.token) {
      const token = await askSecret(io, { what: 'API token', variable: 'CPM_TOKEN', otherwise: 'stdin' });
      const { user } = await sessionClient(server, trust, token)('GET /session', { signal: io.signal });
      await keepLogin({ io, print }, { server: server.origin, trust, token, tokenId: null, user: user.name });
      return;
    }
    const name = options.user ?? (await askText(io, 'User', '--user'));
    const password = await askSecret(io, { what: 'Password', variable: 'CPM_PASSWORD', otherwise: 'stdin' });
    const api = sessionClient(server, trust);
    const { user } = await api('POST /session', { body: { name, password }, signal: io.signal });
    const { id, secret } = await makeToken(api, options.expiresInDays);
    await keepLogin({ io, print }, { server: server.origin, trust, token: secret, tokenId: id, user: user.name });
    await api('DELETE /session', {});
  },
});
