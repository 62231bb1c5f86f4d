import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { theme } from './src/app/theme.ts';

const THEME_MODULE = 'virtual:theme.css';
const THEME_FILE = '/__theme.css';

/** Writes the theme's CSS variables as a style sheet: the page's policy (`style-src 'self'`) allows no style element. */
function themeStyleSheet(): Plugin {
  return {
    name: 'theme-style-sheet',
    resolveId: (id) => (id === THEME_MODULE ? THEME_FILE : null),
    load(id) {
      if (id !== THEME_FILE) return null;
      return convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)), ':root');
    },
  };
}

export default defineConfig({
  plugins: [react(), themeStyleSheet()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: { '/api': { target: process.env['CPM_SERVER'] ?? 'https://localhost:8443', secure: false } },
  },
});
