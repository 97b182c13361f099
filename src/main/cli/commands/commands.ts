import type { Command } from '../command.ts';
import { configCommands } from './config.ts';
import { datasetCommands } from './datasets.ts';
import { demoCommand } from './demo.ts';
import { deviceCommands } from './devices.ts';
import { devicesInstallCommand } from './devicesInstall.ts';
import { learningRateCommands } from './learningRate.ts';
import { metricsCommand } from './metrics.ts';
import { modelCommands } from './models.ts';
import { optimizerCommands } from './optimizers.ts';
import { recipeCommands } from './recipe.ts';
import { resumeCommand } from './resume.ts';
import { reportCommand } from './report.ts';
import { resultCommands } from './results.ts';
import { runCommands } from './runs.ts';
import { serveCommand } from './serve.ts';
import { startCommand } from './start.ts';
import { studyCommands } from './study.ts';
import { toyCommand } from './toy.ts';
import { toyFigureCommand } from './toyFigure.ts';
import { trainCommand } from './train.ts';
import { runTransferCommands, tensorBoardCommands } from './transfers.ts';

/** Every command, in the order in which the help text shows them. */
export const commands: readonly Command[] = [
  demoCommand,
  startCommand,
  serveCommand,
  trainCommand,
  resumeCommand,
  ...runCommands,
  ...runTransferCommands,
  metricsCommand,
  ...resultCommands,
  reportCommand,
  ...studyCommands,
  ...recipeCommands,
  ...tensorBoardCommands,
  ...datasetCommands,
  ...optimizerCommands,
  ...modelCommands,
  ...deviceCommands,
  devicesInstallCommand,
  toyCommand,
  toyFigureCommand,
  ...learningRateCommands,
  ...configCommands,
];
