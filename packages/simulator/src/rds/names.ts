import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

/**
 * A name for something new, in lower case as RDS stores it: letters, digits and hyphens, first a letter, no hyphen at the end
 * and no two together. Throws InvalidParameterValue (RDS API Reference, CreateDBSnapshot).
 */
export const newName = (call: Call, parameter: string, longest: number): string => {
  const name = call.params.requiredText(parameter);
  if (name.length > longest) {
    throw awsError('InvalidParameterValue', `The parameter ${parameter} must be at most ${longest} characters long.`);
  }
  if (!/^[a-z](?:-?[a-z0-9])*$/i.test(name)) {
    throw awsError(
      'InvalidParameterValue',
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
    );
  }
  return name.toLowerCase();
};
