import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from '@cpm/contract';
import { ERROR_CATALOGUE, EXIT_CODES, describeOutcomes } from '@cpm/core';
import { describeSchema } from '@cpm/server';

const root = fileURLToPath(new URL('..', import.meta.url));
const isWriting = process.argv.includes('--write');
const problems: string[] = [];

/** A generated file must equal what the code says today; `--write` brings it up to date. */
function checkGenerated(path: string, text: string): void {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  if (isWriting) writeFileSync(file, text);
  else problems.push(`${path} differs from the code; bring it up to date with: npm run check -- --write`);
}

function errorIndex(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, { httpStatus, exitCode, class: errorClass, message, hint }]) =>
      `| \`${code}\` | ${httpStatus} | ${exitCode} | ${errorClass} | ${message} | ${hint} |`,
  );
  const exits = Object.entries(EXIT_CODES).map(([name, code]) => `| ${code} | ${name} |`);
  return [
    '# Errors of CPM',
    '',
    'Made from the catalogue in `packages/core/src/errors.ts`. The API answers them as RFC 9457 problem documents, the command line ends with the exit code.',
    '',
    '| code | HTTP | exit | class | message | what to do |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '## Exit codes of the command line',
    '',
    '| exit | meaning |',
    '| --- | --- |',
    ...exits,
    '',
  ].join('\n');
}

/** Every relative link of the documents leads to a file that is there. */
function checkLinks(): void {
  const documents = ['.', 'decisions', 'changes', 'docs', 'packages/simulator'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder))
          .filter((name) => name.endsWith('.md'))
          .map((name) => join(folder, name))
      : [],
  );
  for (const document of documents) {
    const text = readFileSync(join(root, document), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
      const file = join(root, document, '..', target);
      if (!existsSync(file)) problems.push(`${document} links to ${target}, which is not there`);
    }
  }
}

checkGenerated('docs/openapi.json', `${JSON.stringify(openApiDocument(), null, 2)}\n`);
checkGenerated('docs/errors.md', errorIndex());
checkGenerated('docs/outcomes.md', describeOutcomes());
checkGenerated('packages/server/src/db/schema.sql', await describeSchema());
checkLinks();
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
