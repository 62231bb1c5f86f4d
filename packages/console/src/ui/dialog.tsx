import { Modal, type ModalRootProps } from '@mantine/core';
import type { ReactNode } from 'react';

type DialogProps = Pick<ModalRootProps, 'opened' | 'onClose' | 'closeOnClickOutside' | 'centered'> & {
  readonly title: string;
  /** For a question that must not be overlooked. */
  readonly isAlert?: boolean;
  readonly children: ReactNode;
};

/** A window above the page that keeps the focus until it is closed. */
export function Dialog({ title, isAlert = false, children, ...root }: DialogProps) {
  return (
    // The page behind stays scrollable: locking it needs a style element, which the page's policy refuses.
    <Modal.Root {...root} lockScroll={false}>
      <Modal.Overlay />
      <Modal.Content role={isAlert ? 'alertdialog' : 'dialog'}>
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
