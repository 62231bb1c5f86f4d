import { ApiError } from '@cpm/contract/client';
import { defineCommand } from './command.ts';
import { readLogin, removeLogin } from './connection/config-file.ts';
import { endToken } from './connection/keep-login.ts';

export const command = defineCommand({
  notes: 'The login is forgotten here in any case; an error says that the token could not be ended in the server.',
  examples: ['cpm logout'],
  run: async ({ io, print }) => {
    const login = await readLogin(io.env);
    if (login === null) return print.note('Nobody was signed in.');
    await removeLogin(io.env);
    if (login.tokenId === null) return print.note('Signed out; the token was not made by cpm login and stays valid.');
    try {
      await endToken(login, login.tokenId);
    } catch (error) {
      // A token that is refused or gone has ended already.
      if (!(error instanceof ApiError) || ![401, 404].includes(error.problem.status)) throw error;
    }
    print.note(`Signed out of ${login.server}.`);
  },
});
