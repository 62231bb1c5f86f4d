import { defineConfig } from 'rolldown';

/** What is wanted only later, such as each service of AWS, stays in files of its own. Files of an earlier build stay: a running server may want them. */
export default defineConfig({
  input: 'src/index.ts',
  platform: 'node',
  logLevel: 'silent',
  output: { dir: 'dist', entryFileNames: 'server.mjs', chunkFileNames: '[name]-[hash].mjs', format: 'esm' },
});
