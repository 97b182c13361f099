/** Colours of a figure; a renderer gives those of its theme, a file gets `paperTheme`. */
export interface PlotTheme {
  scheme: 'light' | 'dark';
  background: string;
  ink: string;
  muted: string;
  grid: string;
}

/** A white page, for files. */
export const paperTheme: PlotTheme = {
  scheme: 'light',
  background: '#ffffff',
  ink: '#1d232c',
  muted: '#5a6472',
  grid: '#e3e7ec',
};

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => escapes[letter]!);

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element as text. Numbers are written with two decimals, which is finer than a pixel. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escaped(value!)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

export const round = (value: number): number => Number(value.toFixed(2));

export interface TextOptions {
  size?: number;
  color: string;
  anchor?: 'start' | 'middle' | 'end';
  weight?: number;
  rotate?: number;
  /** the colour of an outline that keeps the text readable where lines cross it */
  halo?: string;
}

export function label(x: number, y: number, text: string, options: TextOptions): string {
  const { size = 11, color, anchor = 'start', weight, rotate, halo } = options;
  return element(
    'text',
    {
      x,
      y,
      fill: color,
      'font-size': size,
      'text-anchor': anchor,
      'font-weight': weight,
      stroke: halo,
      'stroke-width': halo === undefined ? undefined : 3,
      'paint-order': halo === undefined ? undefined : 'stroke',
      transform: rotate === undefined ? undefined : `rotate(${rotate} ${round(x)} ${round(y)})`,
    },
    escaped(text),
  );
}

export const polyline = (points: readonly (readonly [number, number])[], attributes: Attributes): string =>
  element('polyline', {
    points: points.map(([x, y]) => `${round(x)},${round(y)}`).join(' '),
    fill: 'none',
    'stroke-linejoin': 'round',
    ...attributes,
  });

/** A whole figure as a document of its own. */
export function figure(size: { width: number; height: number }, theme: PlotTheme, title: string, body: string): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${size.width} ${size.height}`,
      width: size.width,
      height: size.height,
      role: 'img',
      'aria-label': title,
      'font-family': 'system-ui, Segoe UI, Roboto, Noto Sans, Liberation Sans, sans-serif',
    },
    element('rect', { width: size.width, height: size.height, fill: theme.background }) + body,
  );
}
