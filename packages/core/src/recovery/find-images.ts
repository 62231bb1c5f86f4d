import type { ConfiguredImage } from './instance-configuration.ts';

type Recorded = NonNullable<ConfiguredImage['details']>;

/** An image of today as the search sees it. */
export type ImageCandidate = Pick<
  Recorded,
  | 'name'
  | 'description'
  | 'ownerId'
  | 'ownerAlias'
  | 'createdAt'
  | 'architecture'
  | 'virtualizationType'
  | 'rootDeviceName'
  | 'rootDeviceType'
  | 'platformDetails'
  | 'bootMode'
  | 'isEnaSupported'
> & { readonly imageId: string };

export type ImageMatch = {
  readonly image: ImageCandidate;
  /** The same offering for the same machine, perhaps in another version. */
  readonly isExact: boolean;
  /** 100 where nothing differs. */
  readonly likenessPercent: number;
  readonly differences: readonly { readonly field: string; readonly original: string; readonly found: string }[];
};

type Field = Exclude<keyof ImageCandidate, 'imageId' | 'description' | 'createdAt' | 'ownerAlias'>;

/** What an image is compared by, and how much each of it counts for being alike; all of it must be the same for "exact". */
const WEIGHTS: readonly (readonly [Field, number])[] = [
  ['name', 30],
  ['ownerId', 25],
  ['architecture', 15],
  ['platformDetails', 10],
  ['virtualizationType', 6],
  ['rootDeviceType', 6],
  ['bootMode', 4],
  ['rootDeviceName', 2],
  ['isEnaSupported', 2],
];
/** Less alike than this is another offering. */
const LEAST_PERCENT = 60;
/** How alike names are that differ by their version alone. */
const OTHER_VERSION = 0.9;
/** What changes from version to version of one offering: build numbers of three parts and more, and dates. */
const BUILD = /\d+(?:\.\d+){2,}|(?<!\d)(?:\d{8}|\d{4}-\d{2}-\d{2})(?:[.-]\d+)*(?!\d)/g;

/**
 * The name of an image with `*` for what changes from version to version, so that all versions of one offering have the
 * same: `al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64` is of the family `al2023-ami-*-kernel-6.1-x86_64`.
 */
export const nameFamily = (name: string): string => name.replace(BUILD, '*');

/** A pattern for AWS's search by name that finds the kin of an image: what it is called, without which of them. */
export function kinPattern(name: string): string {
  const own = name.split('/').at(-1) ?? '';
  const words = own.split(/(?<=[-_])/);
  const end = words.findIndex((word) => !/[a-z]/i.test(word));
  const kept = words.slice(0, Math.min(2, end < 0 ? words.length : Math.max(1, end)));
  return `*${kept.join('').replace(/[-_]$/, '')}*`;
}

/**
 * The images that are like the recorded one, the likest first and of those the youngest (REC-5). `exact`: the same offering
 * by the same owner for the same kind of machine, in whatever version; `similar`: also its kin, each with what differs.
 */
export function rankImages(
  recorded: Recorded,
  candidates: readonly ImageCandidate[],
  match: 'exact' | 'similar',
): ImageMatch[] {
  const unique = [...new Map(candidates.map((image) => [image.imageId, image])).values()];
  return unique
    .map((image) => compareImage(recorded, image))
    .filter(({ isExact, likenessPercent }) => (match === 'exact' ? isExact : likenessPercent >= LEAST_PERCENT))
    .toSorted(
      (a, b) =>
        b.likenessPercent - a.likenessPercent ||
        (b.image.createdAt ?? '').localeCompare(a.image.createdAt ?? '') ||
        a.image.imageId.localeCompare(b.image.imageId),
    );
}

function compareImage(recorded: Recorded, image: ImageCandidate): ImageMatch {
  const parts = WEIGHTS.map(([field, weight]) => ({ field, weight, likeness: likenessOf(recorded, image, field) }));
  const differing = parts.filter(({ likeness }) => likeness < 1);
  const sum = parts.reduce((total, { weight, likeness }) => total + weight * likeness, 0);
  return {
    image,
    isExact: differing.every(({ likeness }) => likeness === OTHER_VERSION),
    // Something that differs is never rounded up to "the same".
    likenessPercent: differing.length === 0 ? 100 : Math.min(99, Math.round(sum)),
    differences: differing.map(({ field }) => ({
      field,
      original: String(recorded[field] ?? 'none'),
      found: String(image[field] ?? 'none'),
    })),
  };
}

function likenessOf(recorded: Recorded, image: ImageCandidate, field: Field): number {
  if ((recorded[field] ?? null) === (image[field] ?? null)) return 1;
  if (field !== 'name') return 0;
  const [one, other] = [nameFamily(recorded.name ?? ''), nameFamily(image.name ?? '')];
  return one === other ? OTHER_VERSION : wordLikeness(one, other);
}

/** The share of words that two names have in common (Dice), from 0 to below that of another version. */
function wordLikeness(one: string, other: string): number {
  const words = (name: string): Set<string> =>
    new Set(
      name
        .toLowerCase()
        .split(/[^a-z0-9.]+/)
        .filter(Boolean),
    );
  const [a, b] = [words(one), words(other)];
  if (a.size + b.size === 0) return 0;
  const common = [...a].filter((word) => b.has(word)).length;
  return Math.min(0.8, (2 * common) / (a.size + b.size));
}
