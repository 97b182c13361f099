import { charts } from './en/charts.ts';
import { common } from './en/common.ts';
import { compare } from './en/compare.ts';
import { models } from './en/models.ts';
import { newRun } from './en/newRun.ts';
import { datasets } from './en/datasets.ts';
import { imports } from './en/imports.ts';
import { devices } from './en/devices.ts';
import { run } from './en/run.ts';
import { reports } from './en/reports.ts';
import { runs } from './en/runs.ts';
import { queue } from './en/queue.ts';
import { learningRates, paper } from './en/paper.ts';
import { studies } from './en/studies.ts';
import { palette } from './en/palette.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';

/** English. One file per view in `en/`; sentences with parts are functions of the parts. */
export const en = {
  common,
  shell,
  studies,
  paper,
  learningRates,
  charts,
  compare,
  newRun,
  datasets,
  imports,
  models,
  devices,
  settings,
  run,
  runs,
  reports,
  queue,
  palette,
};
