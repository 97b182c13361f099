/** The two looks of the workbench: every colour that CSS, Naive UI and the charts use. */
export interface ThemeTokens {
  scheme: 'light' | 'dark';
  /** behind everything; panels and the navigation lie on it */
  background: string;
  panel: string;
  /** table heads, code, the pressed navigation item */
  sunken: string;
  hover: string;
  border: string;
  borderStrong: string;
  text: string;
  textMuted: string;
  textFaint: string;
  accent: string;
  accentHover: string;
  accentPressed: string;
  accentSoft: string;
  success: string;
  warning: string;
  error: string;
  info: string;
  focus: string;
  selection: string;
  /** lines of a chart's grid */
  grid: string;
}

export const lightTokens: ThemeTokens = {
  scheme: 'light',
  background: '#f6f7f9',
  panel: '#ffffff',
  sunken: '#f0f2f5',
  hover: '#eaedf1',
  border: '#dfe3e8',
  borderStrong: '#c3c9d2',
  text: '#1d232c',
  textMuted: '#5a6472',
  textFaint: '#798393',
  accent: '#1f6fb2',
  accentHover: '#2b7fc5',
  accentPressed: '#185c96',
  accentSoft: '#e3eff9',
  success: '#16795a',
  warning: '#9a6200',
  error: '#c23616',
  info: '#1f6fb2',
  focus: '#1f6fb2',
  selection: '#cfe4f7',
  grid: '#e8ebef',
};

export const darkTokens: ThemeTokens = {
  scheme: 'dark',
  background: '#16181d',
  panel: '#1d2026',
  sunken: '#24282f',
  hover: '#2a2f37',
  border: '#30353e',
  borderStrong: '#464d59',
  text: '#e3e6ea',
  textMuted: '#a0a9b6',
  textFaint: '#7f8997',
  accent: '#5aaee8',
  accentHover: '#78bef0',
  accentPressed: '#479ad3',
  accentSoft: '#1e3448',
  success: '#3fbf93',
  warning: '#e0a53a',
  error: '#f0795a',
  info: '#5aaee8',
  focus: '#78bef0',
  selection: '#2b4a66',
  grid: '#292e36',
};

const cssName = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The tokens as CSS variables: `textMuted` becomes `--text-muted`. */
export function cssVariables(tokens: ThemeTokens): Record<string, string> {
  return Object.fromEntries(Object.entries(tokens).map(([name, value]) => [cssName(name), value]));
}
