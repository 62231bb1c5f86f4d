import { describe, expect, it } from 'vitest';
import { count, readWholeNumber, wholeNumber } from '../command.ts';
import { readPages } from './paging.ts';
import { parseVolumeChoice } from './target-volumes.ts';
import { parseVolumeChange } from './volume-options.ts';

const wrong = expect.objectContaining({ code: 'invalid_request', exitCode: 2 }) as Error;

describe('a change of a volume', () => {
  it('may name everything at once', () => {
    const text =
      'vol-1:size=20,type=gp3,iops=3000,throughput=125,device=/dev/sdf,delete-on-termination=no,kms-key=alias/vault,tags=no';
    expect(parseVolumeChange(text)).toEqual({
      volume: 'vol-1',
      sizeGiB: 20,
      volumeType: 'gp3',
      iops: 3000,
      throughputMiBps: 125,
      deviceName: '/dev/sdf',
      deleteOnTermination: false,
      kmsKeyId: 'alias/vault',
      preserveTags: false,
    });
  });

  it.each([
    'vol-1',
    'vol-1:',
    ':size=20',
    'vol-1:size',
    'vol-1:size=',
    'vol-1:size=0',
    'vol-1:size=20,',
    'vol-1:type=gp9',
    'vol-1:delete-on-termination=maybe',
    'vol-1:tags=some',
    'vol-1:__proto__=1',
  ])('"%s" is refused', (text) => {
    expect(() => parseVolumeChange(text)).toThrowError(wrong);
  });
});

describe('the volumes of a target', () => {
  it('are all, none, or some by their ids', () => {
    expect(parseVolumeChoice('all')).toEqual({ take: 'all' });
    expect(parseVolumeChoice('none')).toEqual({ take: 'none' });
    expect(parseVolumeChoice('vol-1,vol-2')).toEqual({ take: 'some', volumeIds: ['vol-1', 'vol-2'] });
  });

  it.each(['', ',', 'some', 'snap-1', 'vol-1,i-2'])('"%s" are refused', (text) => {
    expect(() => parseVolumeChoice(text)).toThrowError(wrong);
  });
});

describe('a whole number', () => {
  it.each(['0', '-1', '1.5', '1e3', ' 1', '0x10', '', 'x', '10000000000'])('"%s" is refused', (text) => {
    expect(() => readWholeNumber(text, '--limit')).toThrowError(wrong);
  });
});

describe('a list', () => {
  const rows = Array.from({ length: 450 }, (_, index) => index);
  const read = async ({ limit, cursor }: { limit: number; cursor: string | undefined }) => {
    const from = Number(cursor ?? 0);
    const to = from + Math.min(limit, 200);
    return { items: rows.slice(from, to), next: to < rows.length ? String(to) : null };
  };

  it.each([
    [{ limit: undefined, all: true }, 450, null],
    [{ limit: undefined, all: false }, 100, '100'],
    [{ limit: 1, all: false }, 1, '1'],
    [{ limit: 250, all: false }, 250, '250'],
    [{ limit: 450, all: false }, 450, null],
    [{ limit: 9999, all: false }, 450, null],
  ])('with %j has %i rows and goes on at %s', async (wanted, count, next) => {
    expect(await readPages(wanted, read)).toEqual({ items: rows.slice(0, count), next });
  });
});

describe('numbers', () => {
  it.each([
    [wholeNumber, '0', '"0" is no whole number of at least 1'],
    [wholeNumber, '1.5', '"1.5" is no whole number of at least 1'],
    [wholeNumber, '99999999999', '"99999999999" is too large'],
    [count, '-1', '"-1" is no whole number of at least 0'],
  ])('that do not fit are refused with the reason: %#', (option, raw, message) => {
    const read = () => option('--retries <n>', 'How often.').read(raw);
    expect(read).toThrow(expect.objectContaining({ fields: [{ path: '--retries', message }] }));
  });

  it('may be 0 where that means something', () => {
    expect(count('--retries <n>', 'How often.').read('0')).toBe(0);
  });
});
