import { describe, expect, test } from 'vitest';
import { scriptFilesOf, scriptFolderOf } from './script-files.ts';

const beforeOf = (policyName: string, fileNames: readonly string[], policyNames: readonly string[]) =>
  scriptFilesOf(policyName, { fileNames, policyNames }).before;

describe("a policy's script files", () => {
  test.each([
    ['the bare base name', 'policy1', ['before_policy1'], ['policy1'], ['before_policy1']],
    ['any addition', 'policy1', ['before_policy1_v11.5.bash'], ['policy1'], ['before_policy1_v11.5.bash']],
    ['letters added', 'web', ['before_website.sh'], ['web'], ['before_website.sh']],
    ['the longest name that fits owns the file', 'web', ['before_website.sh'], ['web', 'website'], []],
    ['and gets it', 'website', ['before_website.sh'], ['web', 'website'], ['before_website.sh']],
    ['a name with an addition of its own', 'web', ['before_web-db.sh'], ['web', 'web-db'], []],
    ['a longer number is another name', 'policy1', ['before_policy10.sh'], ['policy1', 'policy10'], []],
    ['even of a policy that is gone', 'policy1', ['before_policy10.sh'], ['policy1'], []],
    ['the longer number has it', 'policy10', ['before_policy10.sh'], ['policy1', 'policy10'], ['before_policy10.sh']],
    ['dots are plain characters', 'a.b', ['before_axb.sh', 'before_a.b.sh'], ['a.b'], ['before_a.b.sh']],
    ['capitals count', 'Web', ['before_web.sh'], ['Web'], []],
    ['two of one base name', 'p', ['before_p.sh', 'before_p.py'], ['p'], ['before_p.py', 'before_p.sh']],
    ['a policy that is on no list yet', 'new', ['before_new.sh'], [], ['before_new.sh']],
    [
      'a policy called like a step',
      'before_x',
      ['before_before_x.sh', 'before_x.sh'],
      ['before_x'],
      ['before_before_x.sh'],
    ],
    ['hidden and temporary files of editors', 'p', ['.before_p.sh.swp', '#before_p.sh#'], ['p'], []],
    ['nothing', 'p', [], ['p'], []],
  ])('%s', (_, policyName, fileNames, policyNames, expected) => {
    expect(beforeOf(policyName, fileNames, policyNames)).toEqual(expected);
  });

  test('each step has its own base name', () => {
    const fileNames = ['before_p.sh', 'after_p.sh', 'complete_p.sh', 'during_p.sh', 'beforep.sh'];
    expect(scriptFilesOf('p', { fileNames, policyNames: ['p'] })).toEqual({
      before: ['before_p.sh'],
      after: ['after_p.sh'],
      complete: ['complete_p.sh'],
    });
  });
});

describe("a user's scripts folder", () => {
  const id = '2b0f9a52-7c40-4a3c-9d55-0b3c5f6f9a11';
  const folder = (name: string) => scriptFolderOf({ id, name, kind: 'independent' });

  test("root's is the scripts directory itself, whatever root is called", () => {
    expect(scriptFolderOf({ id, name: '../..', kind: 'root' })).toBe('');
  });

  test.each(['cpm_user1', 'alice', 'Alice.B', '_x', '9lives'])("%s has a folder of the user's name", (name) => {
    expect(folder(name)).toBe(name);
  });

  test.each(
    [
      [
        '.',
        '..',
        '.ssh',
        '-rf',
        'a b',
        'a/b',
        '../root',
        'a\\b',
        'ä',
        'x'.repeat(65),
        'nul',
        'COM1.txt',
        '',
        'a\nb',
        'a\0b',
      ],
      ['2b0f9a52-7c40-4a3c-9d55-0b3c5f6f9a12', '2B0F9A52-7C40-4A3C-9D55-0B3C5F6F9A12'],
    ].flat(),
  )("the name %j is no folder's: the user's id is", (name) => {
    expect(folder(name)).toBe(id);
  });
});
