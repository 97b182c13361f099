import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { optimizerCatalogue } from '../../../src/core/optimizers/catalogue.ts';
import type { HyperparameterSpec, OptimizerSpec } from '../../../src/core/optimizers/optimizerSpec.ts';
import { defaultWarmup, learningRateScheduleSchema } from '../../../src/core/schedules/learningRateSchedule.ts';
import { pScheduleSchema } from '../../../src/core/schedules/pSchedule.ts';

/** docs/optimizers.md comes from the catalogue. To write it anew: node test/core/optimizers/optimizerDocs.ts */
export const docsFile = fileURLToPath(new URL('../../../docs/optimizers.md', import.meta.url));

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(header), row(header.map(() => '---')), ...rows.map(row)].join('\n');
}

function range({ kind, min, above, max, below }: HyperparameterSpec): string {
  if (kind === 'switch') return 'true or false';
  const low = min === undefined ? `(${above ?? '-inf'}` : `[${min}`;
  return `${low}, ${max === undefined ? `${below ?? 'inf'})` : `${max}]`}`;
}

function overview(): string {
  const rows = optimizerCatalogue.map((spec) => [
    `[${spec.name}](#${spec.name.toLowerCase()})`,
    `\`${spec.id}\``,
    spec.summary,
    String(spec.defaultLearningRate),
    spec.weightDecay,
    String(spec.slots.length),
  ]);
  return table(['Name', 'Id', 'What it does', 'Learning rate', 'Weight decay', 'State per weight'], rows);
}

function section(spec: OptimizerSpec): string {
  const formula = spec.formula.map((line) => `&${line}`).join(' \\\\\n');
  const hyperparameters = spec.hyperparameters.map((hyperparameter) => [
    `\`${hyperparameter.key}\``,
    `$${hyperparameter.symbol}$`,
    String(hyperparameter.default),
    range(hyperparameter),
    hyperparameter.description,
  ]);
  const slots = spec.slots.map(
    ({ name, start }) => `\`${name}\` (starts as ${start === 'zeros' ? '0' : 'the weight'})`,
  );
  const facts = [
    `- Default learning rate ${spec.defaultLearningRate}.`,
    `- Weight decay is ${spec.weightDecay}.`,
    spec.usesPSchedule ? '- Reads p from the p schedule of the run.' : '- Takes no p schedule.',
    slots.length > 0 ? `- State: ${slots.join(', ')}.` : '- Keeps no state.',
    ...(spec.relation ? [`- ${spec.relation}`] : []),
    `- ${spec.reference.authors}: "${spec.reference.title}". ${spec.reference.where}.`,
  ];
  return [
    `## ${spec.name}`,
    spec.summary,
    `\`\`\`math\n\\begin{aligned}\n${formula}\n\\end{aligned}\n\`\`\``,
    facts.join('\n'),
    table(['Hyperparameter', 'Symbol', 'Default', 'Range', 'Meaning'], hyperparameters),
  ].join('\n\n');
}

function schedules(): string {
  const p = pScheduleSchema.parse({});
  const rate = learningRateScheduleSchema.parse({ base: 1 });
  const shortRun = defaultWarmup.epochs / defaultWarmup.maxShare;
  return `## The p schedule

LPSGD and LPSGDM read p from a schedule. The default is the paper's: \`${p.kind}\` per \`${p.per}\`, from \`pMax\` ${p.pMax} to
\`pEnd\` ${p.pEnd}, over the epochs of the run (or \`horizonEpochs\`). With $s = 1 \\dots S$ counting epochs,

\`\`\`math
p_s = p_\\text{end} + (p_\\max - p_\\text{end})\\, \\frac{1 + \\cos\\left(\\pi (s - 1) / (S - 1)\\right)}{2}, \\quad \\rho_s = \\frac{p_s - 2}{p_s - 1}
\`\`\`

The first epoch has p max and the last exactly p end; a run of one epoch trains at p max. After its horizon p stays at its
last value, so a run that is made longer either keeps its old horizon (p stays 2) or anneals again over the new length.

| Kind | p |
| --- | --- |
| \`cosine\` | the formula above |
| \`linear\` | equal steps from p max to p end |
| \`constant\` | p max throughout |
| \`step\` | \`gamma\` (0.5) of the distance to p end is left after each stair of \`stepEveryEpochs\` (a quarter of the horizon) |
| \`exponential\` | \`gamma\` of the distance to p end is left after each epoch; without \`gamma\`, 1 % is left in the last epoch |

\`per: step\` lets p change with every step in place of every epoch.

A step has size $|g|^{1/(p-1)}$: a gradient of 0.001 makes a step of 0.18 at p = 5 and of 0.001 at p = 2. A learning rate
that suits SGD is far too large for a large p, and annealing p shrinks the steps as a learning-rate schedule does.

## The learning-rate schedule

A linear warm-up to \`base\`, then a decay to \`end\` (${rate.end}). The default is \`${rate.kind}\` per \`${rate.per}\`; the other
kinds are \`constant\`, \`linear\`, and \`step\`, which multiplies by \`gamma\` (0.1) after each \`stepEveryEpochs\` (a third of
the epochs after the warm-up) and never goes below \`end\`.

With $k = 0, 1, \\dots$ counting the $N$ steps of the run, $W$ of them warm-up: $\\eta_k = \\text{base}\\,(k + 1) / W$ for
$k < W$; after that cosine and linear decay with $x = (k - W) / (N - W)$. The last step still moves; \`end\` is what the step
after it would have.

\`warmup.length\` counts \`epochs\` or \`steps\` (\`warmup.unit\`); 0 means none. Left out, the warm-up is ${defaultWarmup.epochs} epochs, but at most
1/${1 / defaultWarmup.maxShare} of the run: all runs of ${shortRun} epochs and more warm up for ${defaultWarmup.epochs} epochs, and a run of 5 epochs for 0.6. A length
that is given is kept, up to the whole run.

Why an eighth: a short run has few steps to give away. On the bundled digits (one hidden layer of 128, batch 128, one split, 10
paired seeds, a separate PyTorch program), test accuracy against no warm-up at all, in percentage points with the
standard error of the paired difference:

| Optimizer, learning rate | Epochs | 1/8 of the run | 1/4 of the run |
| --- | --- | --- | --- |
| LPSGDM, 0.01 | 5 | -0.39 ± 0.20 | -1.11 ± 0.33 |
| LPSGDM, 0.01 | 10 | -0.14 ± 0.13 | -0.47 ± 0.22 |
| LPSGDM, 0.01 | 40 | -0.03 ± 0.06 | -0.06 ± 0.10 |
| LPSGDM, 0.001 | 5 | -0.06 ± 0.17 | -2.03 ± 0.34 |
| LPSGDM, 0.001 | 10 | -0.94 ± 0.22 | -3.81 ± 0.30 |
| LPSGDM, 0.001 | 40 | -0.61 ± 0.17 | -1.19 ± 0.28 |
| SGDM, 0.1 | 5 | +0.22 ± 0.13 | +0.25 ± 0.22 |
| SGDM, 0.1 | 40 | +0.06 ± 0.08 | +0.08 ± 0.06 |
| AdamW, 0.001 | 5 | +0.08 ± 0.14 | -0.56 ± 0.21 |
| AdamW, 0.001 | 40 | -0.14 ± 0.09 | -0.19 ± 0.10 |

So on this small problem warm-up never helps LPSGDM; it is on by default because the paper trains with one, on far larger
networks, and does not state its length. At 0.001 LPSGDM is far from trained after 40 epochs here (89 % against 97 % at 0.01):
raise the learning rate on small data.`;
}

/** The whole page, as prettier wants it. */
export async function optimizerDocs(): Promise<string> {
  const notation =
    'Here $g$ is the gradient, $\\theta$ the weight, $\\eta$ the learning rate, $\\lambda$ the weight decay and $t = 1, 2, \\dots$ the ' +
    'step. All operations act on each weight alone. Decoupled weight decay shrinks the weight apart from the gradient; ' +
    'coupled weight decay is added to the gradient. A zero gradient makes a zero step, also with $\\varepsilon = 0$.';
  const page = [
    '# Optimizers and schedules',
    'Written from the catalogue in `src/core/optimizers` by `node test/core/optimizers/optimizerDocs.ts`; change it there.',
    notation,
    overview(),
    ...optimizerCatalogue.map(section),
    schedules(),
  ].join('\n\n');
  return format(page, { ...(await resolveConfig(docsFile)), parser: 'markdown' });
}

export async function readOptimizerDocs(): Promise<string> {
  return readFile(docsFile, 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(docsFile, await optimizerDocs());
