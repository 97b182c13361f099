import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { findOptimizer } from '../../../core/optimizers/catalogue.ts';
import { learningRateScheduleSchema } from '../../../core/schedules/learningRateSchedule.ts';
import { pScheduleSchema } from '../../../core/schedules/pSchedule.ts';
import { runToy } from '../../../core/toy/runToy.ts';
import type { ToyRun } from '../../../core/toy/runToy.ts';
import { toyFunction, toyFunctionNames } from '../../../core/toy/toyFunctions.ts';
import type { Point } from '../../../core/toy/toyFunctions.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { checkOwners, flagProblems, setFields } from '../config/configFromFlags.ts';
import type { JsonObject } from '../config/configFromFlags.ts';
import { optimizationFlags } from '../config/runFlags.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';
import { formatNumber } from '../terminal/formats.ts';
import { renderTable } from '../terminal/table.ts';

/** A descent without noise needs no warm-up, so the learning rate stays constant unless a flag says otherwise. */
const constantRate = { kind: 'constant', warmup: { length: 0 } } as const;

export const toyCommand: Command = {
  name: 'toy',
  summary: 'Gradient descent on a function of two variables, without noise, in float64.',
  details: [
    'Prints the point and the value at the start and after every step. One step is one epoch of the p schedule and of ' +
      'the learning-rate schedule; the learning rate is constant and without warm-up unless flags say otherwise.',
    'strong and weak are 200/2 (a-1)^2 + 0.05/2 (b-4)^2 and 1.2/2 (a-1)^2 + 0.8/2 (b-4)^2; rosenbrock is ' +
      '(1-a)^2 + 100 (b-a^2)^2; quadratic takes its own curvatures and centre.',
  ],
  flags: [
    {
      name: 'function',
      kind: 'text',
      placeholder: 'NAME',
      description: toyFunctionNames.join(', '),
      defaultText: 'strong',
      group: 'Descent',
    },
    { name: 'steps', kind: 'number', description: 'number of steps', defaultText: '200', group: 'Descent' },
    {
      name: 'start',
      kind: 'numbers',
      placeholder: 'A,B',
      description: 'first point',
      defaultText: '-2,9',
      group: 'Descent',
    },
    {
      name: 'curvatures',
      kind: 'numbers',
      placeholder: 'A,B',
      description: 'of quadratic',
      defaultText: '1,1',
      group: 'Descent',
    },
    {
      name: 'centre',
      kind: 'numbers',
      placeholder: 'A,B',
      description: 'of quadratic',
      defaultText: '0,0',
      group: 'Descent',
    },
    ...optimizationFlags.map((flag) => (flag.name === 'lr-schedule' ? { ...flag, defaultText: 'constant' } : flag)),
  ],
  examples: [
    'lp-workbench toy --function strong --optimizer lpsgdm --lr 0.01 --p-max 6 --steps 200 --start -2,9 --json',
  ],
  async run({ host, isJson, args }) {
    const { trajectory, diverged } = runToy(toyRunFrom(args));
    if (isJson) host.out(`${JSON.stringify({ trajectory })}\n`);
    else {
      const rows = trajectory.map((point, step) => [String(step), ...point.map(formatNumber)]);
      const titles = ['Step', 'a', 'b', 'f'];
      host.out(
        renderTable(
          titles.map((title) => ({ title, align: 'right' })),
          rows,
        ),
      );
    }
    if (!diverged) return exitCodes.done;
    throw new AppError(
      'nonFiniteLoss',
      `The descent left the finite numbers at step ${diverged.step}; the trajectory ends before it. A smaller --lr may help.`,
      { details: { step: diverged.step } },
    );
  },
};

function toyRunFrom(args: ParsedArguments): ToyRun {
  const optimizer = args.text('optimizer') ?? 'lpsgdm';
  checkOwners(args, optimizationFlags, { optimizer });
  const input: JsonObject = {
    learningRate: { ...structuredClone(constantRate), base: findOptimizer(optimizer).defaultLearningRate },
    pSchedule: {},
    optimizer: { hyperparameters: {} },
  };
  setFields(input, args, optimizationFlags);
  const checked = z
    .object({
      learningRate: learningRateScheduleSchema,
      pSchedule: pScheduleSchema,
      optimizer: z.object({ hyperparameters: z.record(z.string(), z.union([z.number(), z.boolean()])) }),
    })
    .safeParse(input);
  if (!checked.success) throw flagProblems(checked.error, args, optimizationFlags);
  const { learningRate, pSchedule } = checked.data;
  return {
    function: functionFrom(args),
    optimizer,
    hyperparameters: checked.data.optimizer.hyperparameters,
    learningRate,
    pSchedule,
    steps: args.number('steps') ?? 200,
    start: pointFrom(args, 'start') ?? [-2, 9],
  };
}

function functionFrom(args: ParsedArguments): ToyRun['function'] {
  const name = args.text('function') ?? 'strong';
  toyFunction(name);
  if (name === 'quadratic') {
    return {
      kind: 'quadratic',
      curvatures: pointFrom(args, 'curvatures') ?? [1, 1],
      centre: pointFrom(args, 'centre') ?? [0, 0],
    };
  }
  const stray = ['curvatures', 'centre'].find((flag) => args.has(flag));
  if (stray) throw new AppError('badUsage', `--${stray} belongs to --function quadratic, not to ${name}.`);
  return name;
}

function pointFrom(args: ParsedArguments, flag: string): Point | undefined {
  const numbers = args.numbers(flag);
  if (numbers === undefined) return undefined;
  const [a, b] = numbers;
  if (a === undefined || b === undefined || numbers.length > 2) {
    throw new AppError('badUsage', `--${flag} must be two numbers joined by a comma, got "${numbers.join(',')}".`);
  }
  return [a, b];
}
