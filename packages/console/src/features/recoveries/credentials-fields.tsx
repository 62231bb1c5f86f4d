import { Checkbox, PasswordInput, TextInput } from '@mantine/core';
import { FieldRow } from '../../ui/form.tsx';
import { Panel } from '../../ui/page.tsx';
import type { CredentialsValues } from './credentials-values.ts';
import type { InputProps } from './form-parts.ts';
import classes from './recover-form.module.css';

type CredentialsFieldsProps = { readonly getInputProps: InputProps; readonly values: CredentialsValues };

/** With whose credentials AWS is asked (REC-2). */
export function CredentialsFields({ getInputProps, values: { isAccounts } }: CredentialsFieldsProps) {
  return (
    <Panel>
      <Checkbox
        label="Use the account's credentials"
        description="Or give others of the same AWS account, for this recovery alone; CPM does not keep them."
        {...getInputProps('credentials.isAccounts', { type: 'checkbox' })}
      />
      {!isAccounts && (
        <div className={classes.below}>
          <FieldRow>
            <TextInput
              label="Access key id"
              required
              autoComplete="off"
              spellCheck={false}
              {...getInputProps('credentials.accessKeyId')}
            />
            <PasswordInput
              label="Secret access key"
              required
              autoComplete="off"
              visibilityToggleButtonProps={{ 'aria-label': 'Show the secret access key' }}
              {...getInputProps('credentials.secretAccessKey')}
            />
            <PasswordInput
              label="Session token"
              description="Of temporary credentials."
              autoComplete="off"
              visibilityToggleButtonProps={{ 'aria-label': 'Show the session token' }}
              {...getInputProps('credentials.sessionToken')}
            />
          </FieldRow>
        </div>
      )}
    </Panel>
  );
}
