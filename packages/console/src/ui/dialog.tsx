import { Modal, type ModalRootProps } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './dialog.module.css';

type DialogProps = Pick<ModalRootProps, 'opened' | 'onClose' | 'closeOnClickOutside' | 'centered' | 'size'> & {
  readonly title: string;
  readonly children: ReactNode;
};

/** A window above the page that keeps the focus until it is closed. */
export function Dialog({ title, children, ...root }: DialogProps) {
  return (
    // The page behind stays scrollable: locking it needs a style element, which the page's policy refuses.
    <Modal.Root {...root} lockScroll={false}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Header role="presentation">
          <Modal.Title className={classes.title}>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
