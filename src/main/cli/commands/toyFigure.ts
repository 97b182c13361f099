import { writeFile } from 'node:fs/promises';
import { paperTheme } from '../../../core/plots/svg.ts';
import { paperToyFigures } from '../../../core/toy/paperFigures.ts';
import { toyFigure } from '../../../core/toy/toyFigure.ts';
import { AppError } from '../../../core/errors.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';

/** Draws the paper's figure 3 into files. */
export const toyFigureCommand: Command = {
  name: 'toy-figure',
  summary: 'Draws figure 3 of the paper: descents through a strongly and a weakly curved bowl, as SVG.',
  details: ['The window draws it too, with other optimizers, rates and functions: see Paper, Figure 3.'],
  flags: [
    {
      name: 'function',
      kind: 'text',
      placeholder: 'NAME',
      description: 'which of the two',
      choices: paperToyFigures.map(({ id }) => id),
      defaultText: 'strong',
    },
    { name: 'out', kind: 'text', placeholder: 'FILE', description: 'where to', defaultText: 'stdout' },
  ],
  async run({ host, args }) {
    const id = args.text('function') ?? 'strong';
    const found = paperToyFigures.find((figure) => figure.id === id);
    if (!found) throw new AppError('unknownFunction', `There is no figure "${id}".`);
    const svg = `${toyFigure({ ...found, theme: paperTheme })}\n`;
    const file = args.text('out');
    if (file === undefined) host.out(svg);
    else await writeFile(file, svg);
    return exitCodes.done;
  },
};
