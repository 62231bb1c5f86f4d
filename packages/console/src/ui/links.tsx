import { Button, Menu, type ButtonProps, type MenuItemProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';
import classes from './links.module.css';

type AnchorProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'style' | 'color'> & {
  readonly ref?: Ref<HTMLAnchorElement>;
};

function AnchorButton(props: ButtonProps & AnchorProps) {
  return <Button component="a" {...props} />;
}

function AnchorMenuItem(props: MenuItemProps & AnchorProps) {
  return <Menu.Item component="a" {...props} />;
}

/** `isPlain`: the colour of what stands in it, such as a status. */
function PlainAnchor({
  className: _active,
  isPlain = false,
  children,
  ...props
}: AnchorProps & { readonly isPlain?: boolean }) {
  return (
    <a className={isPlain ? classes.plain : classes.link} {...props}>
      {children}
    </a>
  );
}

/** A link that looks like a button. */
export const ButtonLink = createLink(AnchorButton);
/** A link inside a menu. */
export const MenuLink = createLink(AnchorMenuItem);
/** A link in running text or in a table. */
export const TextLink = createLink(PlainAnchor);
