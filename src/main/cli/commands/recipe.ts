import { AppError } from '../../../core/errors.ts';
import { findRecipe, isToyRecipe, recipeCatalogue, toyRecipe } from '../../../core/recipes/catalogue.ts';
import type { Recipe, ToyRecipe } from '../../../core/recipes/recipe.ts';
import {
  defaultSeeds,
  fitsRecipe,
  recipeStudy,
  recipeStudyName,
  type RecipeChoice,
} from '../../../core/recipes/recipeStudy.ts';
import { parseSeedList } from '../../../core/runs/seedList.ts';
import { planStudy } from '../../../core/studies/planStudy.ts';
import { estimateSeconds } from '../../../core/studies/estimateStudy.ts';
import { exitCodes } from '../command.ts';
import type { Command, CommandContext } from '../command.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';
import { formatDuration } from '../terminal/formats.ts';
import { renderTable } from '../terminal/table.ts';
import { wrap } from '../terminal/wrap.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';
import type { Workbench } from '../workbench.ts';
import { continueOrCreate, outFlag, trainStudy } from './study.ts';

const recipePositional = { name: 'RECIPE', description: 'id of a recipe' };

const listRecipes: Command = {
  name: 'recipe list',
  summary: 'The experiments of the paper that can be repeated.',
  async run({ host, isJson }) {
    const all = [...recipeCatalogue, toyRecipe];
    if (isJson) host.out(`${JSON.stringify(all)}\n`);
    else {
      const rows = all.map(({ id, place, title }) => [id, place, title]);
      host.out(renderTable([{ title: 'Id' }, { title: 'In the paper' }, { title: 'What' }], rows));
    }
    return exitCodes.done;
  },
};

const showRecipe: Command = {
  name: 'recipe show',
  summary: 'A recipe: its settings, the paper’s numbers, what the paper leaves open and what we chose.',
  positionals: [recipePositional],
  async run({ host, args, isJson }) {
    const recipe = findRecipe(args.positional(0));
    host.out(isJson ? `${JSON.stringify(recipe)}\n` : recipeText(recipe));
    return exitCodes.done;
  },
};

function recipeText(recipe: Recipe | ToyRecipe): string {
  const lines = [`${recipe.title} (${recipe.id})`, '', ...wrap(recipe.summary, 100), ''];
  if (!isToyRecipe(recipe)) {
    lines.push(
      `In the paper:  ${recipe.place}`,
      `Data, model:   ${recipe.task}, ${recipe.model.name}`,
      `Length:        ${recipe.epochs} epochs, batch ${recipe.batchSize}, ${recipe.warmupEpochs} epochs of warm-up, then cosine to 0`,
      '',
      'Settings of the paper:',
      ...(recipe.paper.optimizers ?? []).map(({ id, settings }) => `  ${id}: ${settingsText(settings ?? {})}`),
      ...searchLines(recipe.paper.search),
      '',
      'Scaled to digits:',
      ...(recipe.digits.optimizers ?? []).map(({ id, settings }) => `  ${id}: ${settingsText(settings ?? {})}`),
      ...searchLines(recipe.digits.search),
      ...recipe.digitsNotes.flatMap((note) => wrap(`  ${note}`, 100)),
      '',
      'Numbers of the paper (test top-1):',
      ...recipe.claims.map(
        ({ optimizer, point, accuracy, spread }) =>
          `  ${optimizer}${point ? ` ${settingsText(point)}` : ''}: ${accuracy === null ? 'a curve, no number' : `${(100 * accuracy).toFixed(2)} %`}${spread === null ? '' : ` ± ${(100 * spread).toFixed(2)}`}`,
      ),
      '',
    );
  }
  lines.push(`Conclusion of the paper: ${recipe.conclusion}`, '', 'What the paper leaves open, and what we chose:');
  for (const { question, chosen } of recipe.open) lines.push(...wrap(`- ${question}: ${chosen}`, 100));
  return `${lines.join('\n')}\n`;
}

const settingsText = (settings: Readonly<Record<string, unknown>>): string =>
  Object.entries(settings)
    .map(([path, value]) => `${path.split('.').at(-1)} ${String(value)}`)
    .join(', ');
const searchLines = (search: Recipe['paper']['search']): string[] =>
  search?.kind === 'grid' ? search.axes.map(({ path, values }) => `  grid: ${path} of ${values.join(', ')}`) : [];

const runRecipe: Command = {
  name: 'recipe run',
  summary: 'Repeats an experiment of the paper and sets the result beside the paper’s.',
  details: [
    'On your own copy of the data (--dataset, see: lp-workbench datasets list) or scaled down to the bundled digits (--digits). ' +
      'Everything that then deviates from the paper is printed before it starts and stands in the result.',
    'Fewer epochs keep the shape of the schedules. The same command goes on with a study that was stopped or killed.',
  ],
  positionals: [recipePositional],
  flags: [
    { name: 'dataset', kind: 'text', placeholder: 'ID', description: 'your copy of the data' },
    { name: 'digits', kind: 'switch', description: 'scaled to the bundled digits: other data, a small CNN' },
    { name: 'epochs', kind: 'number', description: 'epochs of each run', defaultText: 'as the paper; 40 on digits' },
    { name: 'data-fraction', kind: 'number', description: 'share of the training rows', defaultText: '1' },
    { name: 'width', kind: 'number', description: 'what every number of channels is multiplied by', defaultText: '1' },
    { name: 'seeds', kind: 'text', placeholder: 'LIST', description: 'like 0,1,2 or 0-4', defaultText: '0-2' },
    { name: 'device', kind: 'text', placeholder: 'ID', description: 'see: lp-workbench devices', defaultText: 'auto' },
    { name: 'dry-run', kind: 'switch', description: 'only print what would be trained, and what deviates' },
    outFlag,
    connectFlag,
  ],
  examples: [
    'lp-workbench recipe run fig4-pmax --digits --out fig4',
    'lp-workbench recipe run cifar10-resnet18 --dataset cifar10 --epochs 20 --seeds 0-4',
  ],
  async run(context) {
    const { host, args, dataDir, isJson } = context;
    const recipe = findRecipe(args.positional(0));
    if (isToyRecipe(recipe)) {
      throw new AppError('badUsage', `${recipe.id} trains nothing: see the window, or lp-workbench toy-figure.`);
    }
    const isDry = args.isOn('dry-run');
    return withWorkbench(host, dataDir, { connect: args.text('connect'), readOnly: isDry }, async (workbench) => {
      const choice: RecipeChoice = {
        dataset: await datasetFrom(args, recipe, workbench),
        seeds: seedsFrom(args),
        scale: scaleFrom(args),
        ...(args.has('device') ? { device: args.text('device')! } : {}),
      };
      const { spec, deviations } = recipeStudy(recipe, choice);
      const plan = planStudy(spec);
      const facts = await workbench.datasets.list({});
      const meta = facts.find(({ id }) => id === (choice.dataset?.id ?? 'digits'))?.meta ?? null;
      const configs = plan.runs.map(({ config }) => config);
      const estimate = estimateSeconds(configs, meta, await workbench.runs.list({}));
      announce(context, recipe, deviations, { settings: plan.settings.length, ...estimate });
      if (isDry) {
        host.out(isJson ? `${JSON.stringify({ spec, deviations, estimate, configs })}\n` : '');
        return exitCodes.done;
      }
      const study = await continueOrCreate(workbench, recipeStudyName(recipe, choice), spec);
      return trainStudy(context, workbench, study.id);
    });
  },
};

function announce(
  { host }: CommandContext,
  recipe: Recipe,
  deviations: readonly string[],
  size: { settings: number; runs: number; seconds: number | null },
): void {
  const time =
    size.seconds === null
      ? 'How long is not known before a first run has ended here.'
      : `About ${formatDuration(size.seconds)}.`;
  host.err(`${recipe.title}: ${size.runs} runs of ${size.settings} settings. ${time}\n`);
  host.err(deviations.length === 0 ? 'As the paper states it.\n' : 'What deviates from the paper:\n');
  for (const line of deviations) host.err(`- ${line}\n`);
}

async function datasetFrom(
  args: ParsedArguments,
  recipe: Recipe,
  { datasets }: Workbench,
): Promise<RecipeChoice['dataset']> {
  const id = args.text('dataset');
  if (args.isOn('digits')) {
    if (id !== undefined) throw new AppError('badUsage', 'Choose one of --dataset and --digits.');
    return null;
  }
  const listed = await datasets.list({});
  if (id === undefined) {
    const fitting = listed.flatMap(({ meta }) => (meta && fitsRecipe(recipe, meta) ? [meta.id] : []));
    const hint =
      fitting.length > 0 ? ` These fit: ${fitting.join(', ')}.` : ` None of the datasets here is ${recipe.task}.`;
    throw new AppError(
      'badUsage',
      `Say on what to train: --dataset ID for your copy of ${recipe.task}, or --digits to scale it down.${hint}`,
    );
  }
  return datasets.describe({ id });
}

function seedsFrom(args: ParsedArguments): readonly number[] {
  const text = args.text('seeds');
  if (text === undefined) return defaultSeeds;
  const list = parseSeedList(text);
  if (list.ok) return list.seeds;
  throw new AppError('badUsage', `--seeds: ${list.message}`);
}

function scaleFrom(args: ParsedArguments): NonNullable<RecipeChoice['scale']> {
  const [epochs, dataFraction, width] = [args.number('epochs'), args.number('data-fraction'), args.number('width')];
  return {
    ...(epochs === undefined ? {} : { epochs }),
    ...(dataFraction === undefined ? {} : { dataFraction }),
    ...(width === undefined ? {} : { width }),
  };
}

export const recipeCommands: readonly Command[] = [listRecipes, showRecipe, runRecipe];
