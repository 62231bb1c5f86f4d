import type { DatabaseConfiguration } from './database-configuration.ts';
import { settingsOf } from './recorded-settings.ts';

/** What a recovered database or cluster will not have of the original, in words. */
export function databaseLosses(configuration: DatabaseConfiguration): string[] {
  const { text, texts, textsIn, flag } = settingsOf(configuration);
  const roles = textsIn('roles', 'roleArn');
  const domains = textsIn('domains', 'domainId');
  const replicas = texts('replicaIds');
  const lost: (string | null)[] = [
    unless(text('replicaOf'), (source) => `it is no replica of ${source} any more, but stands alone`),
    replicas.length === 0 ? null : `its read replicas ${replicas.join(', ')} are not made again`,
    domains.length === 0 ? null : `it is no member of the directory ${domains.join(', ')}: join it again`,
    roles.length === 0 ? null : `the roles ${roles.join(', ')} are to be given to it again`,
    unless(text('globalClusterId'), (global) => `it is no member of the global cluster ${global}`),
    flag('httpEndpoint') === true ? 'its Data API is off: switch it on again' : null,
    unless(text('tdeCredentialArn'), () => 'its TDE credential is to be given to it again'),
    unless(text('elasticIp'), (address) => `its Elastic IP ${address} stays with the original`),
  ];
  return lost.filter((each) => each !== null);
}

const unless = (value: string | null, say: (value: string) => string): string | null =>
  value === null ? null : say(value);

/** What to know of the master password: the snapshot holds it, but AWS's own secret of it is not part of that. */
export function masterPasswordNote(configuration: DatabaseConfiguration, isManagedAgain: boolean): string[] {
  if (settingsOf(configuration).text('masterSecretArn') === null) return [];
  return [
    isManagedAgain
      ? 'AWS keeps its master password in a new secret: applications have to read that one'
      : 'its master password is that of the moment of the snapshot and no longer kept in a secret of AWS: set a new one',
  ];
}

/** Tags that were copied as far as there is room. */
export const droppedTags = (dropped: readonly string[]): string[] =>
  dropped.length === 0 ? [] : [`no room for the tags ${dropped.join(', ')}`];
