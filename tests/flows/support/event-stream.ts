import { request } from 'node:https';
import type { UnclaimedServer } from './test-server.ts';

export type EventStream = {
  readonly status: number;
  /** What has come so far, as it came. */
  readonly text: () => string;
  readonly isOver: () => boolean;
  readonly close: () => void;
};

/** Opens `GET /api/v1/events` with these headers and keeps all that comes. */
export async function openEvents(at: UnclaimedServer, headers: Readonly<Record<string, string>>): Promise<EventStream> {
  const ca = at.server().certificate;
  return new Promise((resolve, reject) => {
    const sent = request(
      `${at.server().url}/api/v1/events`,
      { ca, headers: { ...headers }, agent: false },
      (answer) => {
        let text = '';
        let isOver = false;
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('close', () => (isOver = true));
        resolve({
          status: answer.statusCode ?? 0,
          text: () => text,
          isOver: () => isOver,
          close: () => void sent.destroy(),
        });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}
