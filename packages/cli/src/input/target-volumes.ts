import { parsed, wrongInput } from '../command.ts';

type VolumeChoice = { take: 'all' } | { take: 'none' } | { take: 'some'; volumeIds: string[] };

export const targetVolumes = parsed(
  '--volumes <choice>',
  'Which volumes of an instance: all, none (its configuration only), or vol-…,vol-…',
  parseVolumeChoice,
);

/** Reads `all`, `none` or a list of volume ids; throws `invalid_request`. */
export function parseVolumeChoice(raw: string): VolumeChoice {
  if (raw === 'all' || raw === 'none') return { take: raw };
  const ids = raw.split(/[\s,]+/).filter((id) => id !== '');
  const wrong = ids.find((id) => !id.startsWith('vol-'));
  if (ids.length === 0 || wrong !== undefined)
    throw wrongInput('--volumes', `"${wrong ?? raw}" is neither all nor none nor a volume id`);
  return { take: 'some', volumeIds: ids };
}
