import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './copy-text.module.css';

/** A small button that copies the text. */
export function CopyText({ text, label }: { readonly text: string; readonly label: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <Tooltip label={clipboard.copied ? 'Copied' : label} withArrow>
      <ActionIcon
        className={classes.button}
        variant="subtle"
        color="gray"
        size={24}
        aria-label={clipboard.copied ? `${label}: copied` : label}
        onClick={() => clipboard.copy(text)}
      >
        {clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** An id in fixed-width letters, with a button that copies it. */
export function CopyableId({ id }: { readonly id: string }) {
  return (
    <span className={classes.id}>
      <code>{id}</code>
      <CopyText text={id} label={`Copy ${id}`} />
    </span>
  );
}
