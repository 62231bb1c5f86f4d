import { createTheme, type MantineColorsTuple } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#e9f5f6',
  '#d2e9eb',
  '#a6d4d8',
  '#78bfc5',
  '#4caab2',
  '#2a949e',
  '#13808b',
  '#0b6c77',
  '#085a63',
  '#06474f',
];
const gray: MantineColorsTuple = [
  '#f7f9fa',
  '#eff2f5',
  '#e4e9ee',
  '#d5dce3',
  '#bcc6d0',
  '#8793a0',
  '#566372',
  '#414d5a',
  '#2b3641',
  '#18212b',
];
const dark: MantineColorsTuple = [
  '#dce3ea',
  '#bdc8d2',
  '#9dabb9',
  '#6f7e8c',
  '#3a4752',
  '#2a353f',
  '#1b242c',
  '#131a20',
  '#0e1418',
  '#0a0e11',
];

/** White words on the seventh are read easily, in light and in dark: it is the colour of buttons that destroy. */
const red: MantineColorsTuple = [
  '#fdf1f0',
  '#f9dedc',
  '#f2b8b5',
  '#ec928e',
  '#e46962',
  '#dc362e',
  '#c5221f',
  '#b3261e',
  '#8c1d18',
  '#601410',
];

/** Colours, type and density of the console; its CSS variables become a style sheet when the console is built. */
export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 7 },
  colors: { petrol, gray, dark, red },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '20px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Hints stand below the fields, so that fields beside each other are level.
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
    // A number out of range is told, not quietly made another one.
    NumberInput: { defaultProps: { clampBehavior: 'none' } },
  },
});
