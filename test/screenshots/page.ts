import type { PicturedView } from './picturedView.ts';

const file = (view: PicturedView, scheme: string, width: number): string =>
  `screenshots/${view.name}-${scheme}-${width}.webp`;

/** The page of the documentation that shows the pictures. */
export function screenshotsPage(views: readonly PicturedView[]): string {
  const parts = views.map((view) => {
    const picture = (scheme: string): string =>
      `[![${view.title}, ${scheme}](${file(view, scheme, 1280)})](${file(view, scheme, 1920)})`;
    return `## ${view.title}\n\n${view.text}\n\n| light | dark |\n| --- | --- |\n| ${picture('light')} | ${picture('dark')} |\n`;
  });
  return `# The workbench in pictures

<!-- made by npm run screenshots -->

Made by \`npm run screenshots\` from runs that it trains on the spot. Each picture is 1280 × 720 and leads to the same view
at 1920 × 1080.

${parts.join('\n')}`;
}
