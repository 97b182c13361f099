import { AppError, fromWire } from '../../../core/errors.ts';
import {
  conventionNames,
  rateConventions,
  translateRate,
  type RateConvention,
} from '../../../core/learningRate/translateRate.ts';
import {
  defaultRangeTest,
  rangeRule,
  rangeTestConfig,
  rangeTestTag,
  suggestRate,
} from '../../../core/learningRate/rangeTest.ts';
import { runSize } from '../../../core/runs/runSize.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { runConfigFrom } from '../config/configFromFlags.ts';
import { runFlags } from '../config/runFlags.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';
import { formatNumber } from '../terminal/formats.ts';
import { wrap } from '../terminal/wrap.ts';
import { watchRun } from '../watchRun.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';

const findRate: Command = {
  name: 'lr find',
  summary: 'A range test: one short run whose learning rate rises, and the rate that its loss suggests.',
  details: [
    `${rangeRule} p stays where it begins. The run is kept, tagged "${rangeTestTag}"; it may end because its loss stops being a number, which is what large rates are there for.`,
  ],
  flags: [
    {
      name: 'from',
      kind: 'number',
      description: 'first rate',
      defaultText: String(defaultRangeTest.from),
      group: 'Range test',
    },
    {
      name: 'to',
      kind: 'number',
      description: 'last rate',
      defaultText: String(defaultRangeTest.to),
      group: 'Range test',
    },
    {
      name: 'steps',
      kind: 'number',
      description: 'about how many steps',
      defaultText: String(defaultRangeTest.steps),
      group: 'Range test',
    },
    // the sweep has its own rates and length
    ...runFlags.filter(({ path }) => path[0] !== 'learningRate' && path[0] !== 'epochs' && path[0] !== 'earlyStopping'),
    connectFlag,
  ],
  examples: ['lp-workbench lr find --model cnn --optimizer lpsgdm --p-max 6'],
  async run({ host, args, dataDir, isJson }) {
    const range = {
      from: args.number('from') ?? defaultRangeTest.from,
      to: args.number('to') ?? defaultRangeTest.to,
      steps: args.number('steps') ?? defaultRangeTest.steps,
    };
    const base = runConfigFrom(args, {});
    return withWorkbench(host, dataDir, { connect: args.text('connect') }, async (workbench) => {
      const meta = await workbench.datasets.describe({ id: base.dataset.id });
      const config = rangeTestConfig(base, range, runSize(base, meta.rows, meta.parts).trainRows);
      const name = `range test ${base.optimizer.id} on ${base.dataset.id}`;
      const created = await workbench.runs.create({ config, name, tags: [rangeTestTag] });
      const { run, isInterrupted } = await watchRun(host, workbench, created.id, name);
      if (isInterrupted) return exitCodes.interrupted;
      if (run.failure && run.failure.code !== 'nonFiniteLoss') throw fromWire(run.failure);
      const [loss, rate] = await workbench.runs.metrics({
        runId: run.id,
        keys: ['loss', 'learningRate'],
        maxPoints: 0,
      });
      const learningRates = (rate?.values ?? []).map(Number);
      const losses = loss?.values ?? [];
      const found = suggestRate({ learningRates, losses });
      if (isJson) host.out(`${JSON.stringify({ runId: run.id, ...found, points: { learningRates, losses } })}\n`);
      else {
        host.out(`${found.reason}\n`);
        for (const line of wrap(rangeRule, 100)) host.out(`${line}\n`);
        if (found.suggestion !== null) host.out(`\nTry: --lr ${found.suggestion}\n`);
      }
      return exitCodes.done;
    });
  },
};

const sides = rateConventions.join(', ');

const translate: Command = {
  name: 'lr translate',
  summary: 'A learning rate in another convention: SGDM that sums or averages, LPSGD, LPSGDM; with the reason.',
  details: [
    'The answer takes the same steps where gradients are of the given size and momentum has settled: ' +
      'lr(LPSGDM) = lr(SGDM) / (1 - beta) * g^((p-2)/(p-1)).',
    'The typical size of a gradient is its norm divided by the square root of the number of parameters; a run’s metric ' +
      'gradientNorm has the norm.',
  ],
  flags: [
    { name: 'lr', kind: 'number', description: 'the learning rate to translate (needed)' },
    {
      name: 'from',
      kind: 'text',
      description: sides,
      choices: rateConventions,
      defaultText: 'sgdm',
      placeholder: 'SIDE',
    },
    {
      name: 'to',
      kind: 'text',
      description: sides,
      choices: rateConventions,
      defaultText: 'lpsgdm',
      placeholder: 'SIDE',
    },
    { name: 'beta', kind: 'number', description: 'momentum', defaultText: '0.9' },
    { name: 'p', kind: 'number', description: 'p at that moment; p_max for the start of a run', defaultText: '6' },
    {
      name: 'gradient',
      kind: 'number',
      description: 'typical size of a coordinate of the gradient',
      defaultText: '0.001',
    },
  ],
  examples: ['lp-workbench lr translate --lr 0.1 --from sgdm --to lpsgdm --p 6 --gradient 1e-3'],
  async run({ host, args, isJson }) {
    const question = questionFrom(args);
    const answer = translateRate(question);
    if (isJson) host.out(`${JSON.stringify({ ...question, ...answer, given: question.learningRate })}\n`);
    else {
      host.out(
        `${formatNumber(question.learningRate)} of ${conventionNames[question.from]} is ${formatNumber(answer.learningRate)} of ${conventionNames[question.to]}.\n\n`,
      );
      for (const reason of answer.reasons) for (const line of wrap(`- ${reason}`, 100)) host.out(`${line}\n`);
    }
    return exitCodes.done;
  },
};

function questionFrom(args: ParsedArguments) {
  const learningRate = args.number('lr');
  if (learningRate === undefined) throw new AppError('badUsage', 'lr translate needs --lr, the rate to translate.');
  const question = {
    learningRate,
    from: (args.text('from') ?? 'sgdm') as RateConvention,
    to: (args.text('to') ?? 'lpsgdm') as RateConvention,
    beta: args.number('beta') ?? 0.9,
    p: args.number('p') ?? 6,
    gradientSize: args.number('gradient') ?? 1e-3,
  };
  const problems = [
    ...(question.learningRate > 0 ? [] : ['--lr must be above 0']),
    ...(question.beta >= 0 && question.beta < 1 ? [] : ['--beta must be at least 0 and below 1']),
    ...(question.p >= 2 ? [] : ['--p must be at least 2']),
    ...(question.gradientSize > 0 ? [] : ['--gradient must be above 0']),
  ];
  if (problems.length > 0) throw new AppError('badUsage', `${problems.join('; ')}.`);
  return question;
}

export const learningRateCommands: readonly Command[] = [findRate, translate];
