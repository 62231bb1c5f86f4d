import type { ImageMatches } from '@cpm/contract';
import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CopyableId } from '../../ui/copy-text.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Moment } from '../../ui/moment.tsx';
import { Facts } from '../../ui/page.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { Status } from '../../ui/status.tsx';
import classes from './image-assistant.module.css';
import { imagesQuery } from './queries.ts';

type AssistantProps = {
  readonly backupId: string;
  readonly resourceId: string;
  readonly region: string;
  readonly onPick: (imageId: string) => void;
  readonly onClose: () => void;
};

type Match = 'exact' | 'similar';

/** Shows the original image and finds those of today that are like it (REC-5). */
export function ImageAssistant({ onPick, onClose, ...asked }: AssistantProps) {
  const [match, setMatch] = useState<Match>('exact');
  const { data, error, refetch } = useQuery(imagesQuery({ ...asked, match }));
  return (
    <Dialog opened onClose={onClose} title="AMI Assistant" size="lg">
      <div className={classes.body}>
        {data ? <Original original={data.original} onPick={onPick} /> : error === null && <Skeleton height={120} />}
        <SegmentedControl
          fullWidth
          aria-label="Which images"
          data={[
            { value: 'exact', label: 'Exact matches' },
            { value: 'similar', label: 'Similar ones' },
          ]}
          value={match}
          onChange={setMatch}
        />
        {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
        {data && <Found items={data.items} match={match} onPick={onPick} onMore={() => setMatch('similar')} />}
      </div>
    </Dialog>
  );
}

type Picks = Pick<AssistantProps, 'onPick'>;

function Original({ original: { imageId, isThere, details }, onPick }: OriginalProps) {
  const facts = Object.entries(details ?? {})
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => [wordsOf(name), String(value)] as const);
  return (
    <section className={classes.original} aria-label="The original image">
      <div className={classes.head}>
        <h3 className={classes.title}>The original image</h3>
        <CopyableId id={imageId} />
        <Status tone={isThere ? 'good' : 'bad'} text={isThere ? 'Still there' : 'No longer there'} />
        {isThere && (
          <Button size="compact-xs" variant="default" onClick={() => onPick(imageId)}>
            Use the original
          </Button>
        )}
      </div>
      {facts.length === 0 ? <p className={classes.quiet}>Nothing was recorded of it.</p> : <Facts facts={facts} />}
    </section>
  );
}
type OriginalProps = Picks & { readonly original: ImageMatches['original'] };

/** `rootDeviceType` becomes `Root device type`. */
function wordsOf(name: string): string {
  const words = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function Found({ items, match, onPick, onMore }: FoundProps) {
  if (items.length === 0) {
    return (
      <div className={classes.none}>
        <p>{match === 'exact' ? 'No image is exactly like the original.' : 'No image is similar to the original.'}</p>
        {match === 'exact' && (
          <Button size="xs" variant="default" onClick={onMore}>
            Find similar ones
          </Button>
        )}
      </div>
    );
  }
  return (
    <ul className={classes.found} aria-label="Images found">
      {items.map((image) => (
        <li key={image.imageId} className={classes.image}>
          <div className={classes.head}>
            <strong className={classes.name}>{image.name || image.imageId}</strong>
            <span className={classes.quiet}>{image.likenessPercent} % alike</span>
            <Button size="compact-xs" onClick={() => onPick(image.imageId)} aria-label={`Use it: ${image.imageId}`}>
              Use it
            </Button>
          </div>
          <div className={classes.quiet}>
            <CopyableId id={image.imageId} /> of {image.ownerAlias ?? image.ownerId}
            {image.createdAt !== null && (
              <>
                , <Moment at={image.createdAt} />
              </>
            )}
          </div>
          {image.differences.length > 0 && (
            <ul className={classes.differences} aria-label={`What differs in ${image.imageId}`}>
              {image.differences.map(({ field, original, found }) => (
                <li key={field}>
                  {field}: {found || 'none'} instead of {original || 'none'}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}
type FoundProps = Picks & {
  readonly items: ImageMatches['items'];
  readonly match: Match;
  readonly onMore: () => void;
};
