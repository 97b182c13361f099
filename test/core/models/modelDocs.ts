import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { modelCatalogue, type ModelEntry } from '../../../src/core/models/catalogue.ts';
import { layerCatalogue, layerTypes } from '../../../src/core/models/layerCatalogue.ts';
import { layerSpecSchema, type LayerType } from '../../../src/core/models/layerSpec.ts';
import { largeImagePixels } from '../../../src/core/models/modelEntry.ts';
import { planModel } from '../../../src/core/models/modelPlan.ts';

/** docs/models.md comes from the catalogues. To write it anew: node test/core/models/modelDocs.ts */
export const docsFile = fileURLToPath(new URL('../../../docs/models.md', import.meta.url));

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(header), row(header.map(() => '---')), ...rows.map(row)].join('\n');

const samples = [
  { name: 'digits', inputShape: [8, 8, 1], classCount: 10 },
  { name: 'CIFAR-10', inputShape: [32, 32, 3], classCount: 10 },
  { name: 'ImageNet', inputShape: [224, 224, 3], classCount: 1000 },
] as const;

function parametersOf({ id }: ModelEntry, { inputShape, classCount }: (typeof samples)[number]): string {
  const plan = planModel({ preset: id, options: {} }, { inputShape, task: 'classes', classCount });
  return plan.parameterCount.toLocaleString('en');
}

function overview(): string {
  const rows = modelCatalogue.map((model) => [
    model.name,
    `\`${model.id}\``,
    ...samples.map((sample) => parametersOf(model, sample)),
  ]);
  return table(['Name', 'Id', ...samples.map(({ name }) => `Parameters, ${name}`)], rows);
}

const optionSchema = z.object({
  properties: z
    .record(
      z.string(),
      z.object({ description: z.string(), default: z.unknown().optional(), enum: z.array(z.string()).optional() }),
    )
    .default({}),
});

function modelSection({ name, summary, options, needsImages }: ModelEntry): string {
  const { properties } = optionSchema.parse(z.toJSONSchema(options, { io: 'input' }));
  const rows = Object.entries(properties).map(([key, option]) => [
    `\`${key}\``,
    option.default === undefined ? 'automatic' : `\`${JSON.stringify(option.default)}\``,
    `${option.description}${option.enum ? ` (${option.enum.join(', ')})` : ''}`,
  ]);
  return [
    `### ${name}`,
    `${summary}${needsImages ? ' Needs images.' : ''}`,
    ...(rows.length > 0 ? [table(['Option', 'Default', 'Meaning'], rows)] : []),
  ].join('\n\n');
}

/** What a setting is when it is left out; nothing for one that must be given. */
function defaultOf(type: LayerType, key: string): string {
  const { [key]: _, ...others } = layerCatalogue[type].start;
  const parsed = layerSpecSchema.safeParse({ type, ...others });
  const value = parsed.data ? (parsed.data as Record<string, unknown>)[key] : undefined;
  if (value !== undefined) return `\`${JSON.stringify(value)}\``;
  return parsed.success ? 'left out' : '';
}

function layerSection(type: LayerType): string {
  const { name, summary, fields } = layerCatalogue[type];
  const rows = fields.map(({ key, description, choices }) => [
    `\`${key}\``,
    defaultOf(type, key),
    `${description}${choices ? ` (${choices.join(', ')})` : ''}`,
  ]);
  const branchRows =
    type === 'residual'
      ? [
          ['`body`', '', 'Its layers, at least one.'],
          ['`shortcut`', '`[]`', 'Its layers; none is the identity.'],
        ]
      : [];
  const all = [...rows, ...branchRows];
  return [
    `### ${name}: \`${type}\``,
    summary,
    ...(all.length > 0 ? [table(['Setting', 'Default', 'Meaning'], all)] : []),
  ].join('\n\n');
}

const asPyTorch = `## Compared with PyTorch

Convolutions and poolings of VGG-11 and the ResNets carry their padding as numbers, the same on every side, as PyTorch
does. TensorFlow's \`same\` pads a convolution with stride 2 behind the image only, which gives other numbers. Batch norm has
PyTorch's momentum (share of the new statistics), its epsilon, and the unbiased variance in the running statistics. ResNet-50
has its strides in the 3x3 convolutions, as torchvision has. Where images have fewer than ${largeImagePixels} pixels on their shorter side, the
ResNets start with a 3x3 convolution and keep the size, and VGG-11 has the output layer alone behind its convolutions.

What differs from torchvision unless asked for: kernels start by He's rule over their inputs (\`initializer: "heFanOut"\` for
torchvision's), the output layer by Glorot's, and biases at 0.

With equal weights, outputs, loss, every gradient and the running statistics of VGG-11 and ResNet-18 over 32x32 images agree
with PyTorch's to 1e-4, on WebAssembly and compiled, and ten steps of ResNet-18 with LPSGDM, SGDM and AdamW follow PyTorch's
losses to 1e-3 (\`LP_ALL_STEPS=1\` runs all of them): \`test/worker/models/pytorch.test.ts\`, with PyTorch's numbers and the script that made them in
\`test/golden/models\`.

Weight decay acts on everything, as in PyTorch, or with \`weightDecayScope: "weights"\` (\`--weight-decay-scope weights\`) on the
kernels of dense layers and convolutions alone, not on biases and batch norms. The run states which.`;

const files = `## Models in files

A model is a preset with options, or a list of layers, written as JSON in a run configuration:

\`\`\`json
{ "model": { "preset": "resnet18", "options": { "width": 0.5, "zeroGamma": true } } }
\`\`\`

\`\`\`json
{ "model": { "layers": [{ "type": "flatten" }, { "type": "dense", "units": 64, "activation": "relu" }] } }
\`\`\`

The output layer is not written: the dataset decides how many classes or numbers there are.

The view Models edits such lists. It and \`lp-workbench models import FILE\` also read \`model.json\` of Keras (\`model.to_json()\`,
versions 2 and 3) and of TensorFlow.js: Sequential models, and Functional ones that are a chain with residual blocks of two
branches. Read are Dense, Conv2D, BatchNormalization, Activation, ReLU, Softmax (which is part of the loss here),
MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, Flatten, Dropout, Add, and ZeroPadding2D before a window. Anything
else is named and refused. The last dense layer is left out, because the dataset decides how many outputs there are.

The model.json of TensorFlow.js names its weights in .bin files: drop them together with it into the editor, or
\`lp-workbench train --model-file model.json --with-weights\`, and the run begins with them. The output layer begins with its
weights, too, when it has as many outputs as the dataset asks for, and anew otherwise; the log of the run says which. Layers that
were changed after the import begin anew, and the editor says so.
\`lp-workbench train --model-file FILE\` trains such a model at once.`;

/** The whole page, as prettier wants it. */
export async function modelDocs(): Promise<string> {
  const page = [
    '# Models',
    'Written from the catalogues in `src/core/models` by `node test/core/models/modelDocs.ts`; change it there.',
    overview(),
    '`lp-workbench models show ID` prints the layers, shapes and parameter counts for any sample shape and number of classes.',
    asPyTorch,
    '## Presets',
    ...modelCatalogue.map(modelSection),
    '## Layers',
    ...layerTypes.map(layerSection),
    files,
  ].join('\n\n');
  return format(page, { ...(await resolveConfig(docsFile)), parser: 'markdown' });
}

export const readModelDocs = (): Promise<string> => readFile(docsFile, 'utf8');

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(docsFile, await modelDocs());
