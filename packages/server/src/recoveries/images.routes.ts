import type { api, ImageMatches } from '@cpm/contract';
import { cpmError, type ImageMatch } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { findImages } from './find-images.ts';
import { findSource, resourceOf } from './plan-request.ts';
import { recoveryAccess } from './recovery-access.ts';

/** AMI Assistant (REC-5): the image as recorded at the backup, and those of today that are like it, also in another region. */
export function imageRoutes(context: ServerContext): Pick<Handlers<typeof api.recoveries>, 'images'> {
  return {
    async images({ actor, params, query }) {
      const source = await findSource(context, actor.userId, params.backupId);
      const resource = resourceOf(source, params.resourceId, 'instance');
      if (resource.configuration === null) {
        const fields = [{ path: 'resourceId', message: 'its configuration was not recorded' }];
        throw cpmError('recovery_refused', { fields });
      }
      const { imageId, details } = resource.configuration.image;
      const { accountId } = source.backup;
      const ec2In = (region: string) => recoveryAccess(context, { accountId, region }).ec2;
      const [there, matches] = await Promise.all([
        ec2In(resource.region).describeImages(imageId === '' ? [] : [imageId]),
        details === null ? [] : findImages(ec2In(query.region ?? resource.region), details, query.match ?? 'exact'),
      ]);
      return {
        original: { imageId, isThere: there.some(({ state }) => state === 'available'), details },
        items: matches.map(shownMatch),
      };
    },
  };
}

const shownMatch = ({ image, likenessPercent, differences }: ImageMatch): ImageMatches['items'][number] => ({
  imageId: image.imageId,
  name: image.name ?? '',
  description: image.description ?? '',
  ownerId: image.ownerId ?? '',
  ownerAlias: image.ownerAlias,
  createdAt: image.createdAt,
  likenessPercent,
  differences: [...differences],
});
