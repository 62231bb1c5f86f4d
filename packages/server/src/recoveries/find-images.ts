import type { Ec2Port, Image, ImageSearch } from '@cpm/aws/port';
import { kinPattern, nameFamily, rankImages } from '@cpm/core';
import type { ConfiguredImage, ImageCandidate, ImageMatch } from '@cpm/core';

/** So many rows of one search are looked at: enough for every version of an offering, and an answer in seconds. */
const MOST_ROWS = 1_000;

export type Match = 'exact' | 'similar';

/** Looks for images that are like the recorded one in the region of the port, ranked; none where it has no name to go by. */
export async function findImages(
  ec2: Ec2Port,
  recorded: NonNullable<ConfiguredImage['details']>,
  match: Match,
): Promise<ImageMatch[]> {
  if (recorded.name === null) return [];
  const found = await Promise.all(
    searchesFor(recorded.name, recorded, match).map((search) => ec2.searchImages(search, MOST_ROWS)),
  );
  return rankImages(recorded, found.flat().map(toCandidate), match);
}

/** Exact: by the owner, under the name of the offering. Similar: also its kin by that owner, and the name by anybody. */
function searchesFor(
  name: string,
  recorded: NonNullable<ConfiguredImage['details']>,
  match: Match,
): readonly ImageSearch[] {
  const { ownerId, architecture, virtualizationType, rootDeviceType } = recorded;
  const owners = ownerId === null ? [] : [ownerId];
  const family = nameFamily(name);
  if (match === 'exact') return [{ owners, names: [family], architecture, virtualizationType, rootDeviceType }];
  const any = { architecture: null, virtualizationType: null, rootDeviceType: null };
  return [
    { ...any, owners, names: [kinPattern(name)] },
    { ...any, owners: [], names: [family] },
  ];
}

const toCandidate = ({ createdAt, enaSupport, ...image }: Image): ImageCandidate => ({
  imageId: image.imageId,
  name: image.name,
  description: image.description,
  ownerId: image.ownerId,
  ownerAlias: image.ownerAlias,
  createdAt: createdAt === null ? null : new Date(createdAt).toISOString(),
  architecture: image.architecture,
  virtualizationType: image.virtualizationType,
  rootDeviceName: image.rootDeviceName,
  rootDeviceType: image.rootDeviceType,
  platformDetails: image.platformDetails,
  bootMode: image.bootMode,
  isEnaSupported: enaSupport,
});
