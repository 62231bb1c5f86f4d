import { VisuallyHidden } from '@mantine/core';
import { IconAlertTriangleFilled } from '@tabler/icons-react';
import classes from './warnings.module.css';

/** What is not as it should be, one below the other, each with its sign. */
export function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  return warnings.map((warning) => (
    <span key={warning} className={classes.warning}>
      <IconAlertTriangleFilled size={13} aria-hidden />
      <span>
        <VisuallyHidden>Warning: </VisuallyHidden>
        {warning}
      </span>
    </span>
  ));
}
