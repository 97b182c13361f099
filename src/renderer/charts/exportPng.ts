import type { ThemeTokens } from '../theme/themeTokens.ts';
import type { CursorValue } from './readValues.ts';

export interface PngOptions {
  canvas: HTMLCanvasElement;
  title: string;
  /** the line under the chart: how many points are shown */
  note: string;
  legend: readonly Pick<CursorValue, 'label' | 'color' | 'dash'>[];
  tokens: ThemeTokens;
}

const legendRowPx = 18;

/** The chart with its title and legend as a picture, in the resolution of the screen. */
export function chartAsPng({ canvas, title, note, legend, tokens }: PngOptions): Promise<Blob> {
  const scale = canvas.width / Math.max(1, canvas.clientWidth);
  const width = canvas.clientWidth;
  const top = 34;
  const height = top + canvas.clientHeight + legend.length * legendRowPx + 28;
  const picture = document.createElement('canvas');
  picture.width = Math.round(width * scale);
  picture.height = Math.round(height * scale);
  const ctx = picture.getContext('2d')!;
  ctx.scale(scale, scale);
  ctx.fillStyle = tokens.panel;
  ctx.fillRect(0, 0, width, height);
  const font = getComputedStyle(document.body).fontFamily;
  ctx.fillStyle = tokens.text;
  ctx.font = `600 14px ${font}`;
  ctx.fillText(title, 12, 22, width - 24);
  ctx.drawImage(canvas, 0, top, canvas.clientWidth, canvas.clientHeight);

  ctx.font = `12px ${font}`;
  let y = top + canvas.clientHeight + 16;
  for (const { label, color, dash } of legend) {
    ctx.strokeStyle = color;
    ctx.lineWidth = 2;
    ctx.setLineDash([...dash]);
    ctx.beginPath();
    ctx.moveTo(12, y - 4);
    ctx.lineTo(34, y - 4);
    ctx.stroke();
    ctx.fillStyle = tokens.text;
    ctx.fillText(label, 42, y, width - 54);
    y += legendRowPx;
  }
  ctx.fillStyle = tokens.textMuted;
  ctx.font = `11px ${font}`;
  ctx.fillText(note, 12, height - 9, width - 24);
  return new Promise((resolve, reject) => {
    picture.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be encoded'))),
      'image/png',
    );
  });
}
