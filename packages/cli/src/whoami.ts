import { defineCommand } from './command.ts';
import { readSettings } from './connection/settings.ts';
import { formatTime } from './terminal/time.ts';

export const command = defineCommand({
  examples: ['cpm whoami'],
  run: async ({ api, io, global, print }) => {
    const { server } = await readSettings(io, global.server);
    const session = await api('GET /session', {});
    const fields = [
      ['user', session.user.name],
      ['kind', session.user.kind],
      ['e-mail', session.user.email],
      ['server', server.origin],
      ["server's zone", session.serverZone],
      ['signed in until', formatTime(session.expiresAt)],
    ] as const;
    print.one(session, fields, session.user.id);
  },
});
