import { AppError } from '../errors.ts';
import { describeLayer } from './describeModel.ts';
import { branches, branchOf, type Branch, type DraftLayer, type LayerPlace } from './editLayers.ts';
import { isLayerType, layerCatalogue, layerTypes } from './layerCatalogue.ts';
import { leafLayerSchema, residualSchema, type LayerSpec } from './layerSpec.ts';
import { outputLayers, type ModelSurroundings } from './modelPlan.ts';
import { elements, planLayer, type PlannedLayer, type VariablePlan } from './planLayer.ts';

/** One layer of a model under work. */
export interface OutlineLayer {
  place: LayerPlace;
  layer: DraftLayer;
  /** what kind of layer, as people call it */
  name: string;
  description: string;
  /** null behind a layer that is wrong */
  outputShape: readonly number[] | null;
  parameterCount: number;
  /** what is wrong with this layer itself */
  problem: string | null;
  /** what is wrong with single settings, by key */
  fieldProblems: Readonly<Record<string, string>>;
  branches: Readonly<Record<Branch, readonly OutlineLayer[]>> | null;
}

export interface ModelOutline {
  layers: readonly OutlineLayer[];
  /** what the task adds: the output layer */
  output: { description: string; outputShape: readonly number[]; parameterCount: number } | null;
  /** of the layers that are known */
  parameterCount: number;
  /** wrong layers, those in branches included */
  problemCount: number;
}

interface Checked {
  spec: LayerSpec | null;
  problem: string | null;
  fieldProblems: Record<string, string>;
}

function check(layer: DraftLayer): Checked {
  const { type } = layer;
  if (!isLayerType(type)) {
    const problem = `there is no layer "${String(type)}"; known: ${layerTypes.join(', ')}`;
    return { spec: null, problem, fieldProblems: { type: problem } };
  }
  const { body: _, shortcut: __, ...own } = layer;
  const parsed =
    type === 'residual'
      ? residualSchema.omit({ body: true, shortcut: true }).safeParse(own)
      : leafLayerSchema.safeParse(layer);
  if (parsed.success) {
    const spec = (type === 'residual' ? { ...parsed.data, body: [], shortcut: [] } : parsed.data) as LayerSpec;
    return { spec, problem: null, fieldProblems: {} };
  }
  const fieldProblems: Record<string, string> = {};
  for (const { path, message } of parsed.error.issues) fieldProblems[String(path[0] ?? 'type')] ??= message;
  const [[key, message] = ['', '']] = Object.entries(fieldProblems);
  return { spec: null, problem: message.startsWith(key) ? message : `${key}: ${message}`, fieldProblems };
}

const countOf = (variables: readonly VariablePlan[]): number =>
  variables.filter(({ trainable }) => trainable).reduce((sum, { shape }) => sum + elements(shape), 0);

/** Without what the error says first: which layer it is. */
function problemOf(error: unknown): string {
  if (error instanceof AppError) return error.message.replace(/^Layer \S*: /, '');
  throw error;
}

function outlineList(
  layers: readonly DraftLayer[],
  placeOf: (index: number) => LayerPlace,
  inputShape: readonly number[] | null,
): OutlineLayer[] {
  let shape = inputShape;
  return layers.map((layer, index) => {
    const outlined = outlineLayer(layer, placeOf(index), shape);
    shape = outlined.outputShape;
    return outlined;
  });
}

function outlineLayer(layer: DraftLayer, place: LayerPlace, inputShape: readonly number[] | null): OutlineLayer {
  const { spec, problem, fieldProblems } = check(layer);
  const isBlock = layer['type'] === 'residual' && place.length === 1;
  const outlined: OutlineLayer = {
    place,
    layer,
    name: isLayerType(layer['type']) ? layerCatalogue[layer['type']].name : String(layer['type']),
    description: spec && spec.type !== 'residual' ? describeLayer(spec) : '',
    outputShape: null,
    parameterCount: 0,
    problem,
    fieldProblems,
    branches: isBlock ? branchOutlines(layer, place[0], inputShape) : null,
  };
  if (spec?.type === 'residual') return place.length === 1 ? joined(outlined, spec, inputShape) : nested(outlined);
  if (!spec || !inputShape) return outlined;
  try {
    const { outputShape, variables } = planLayer('', spec, [...inputShape]);
    return { ...outlined, outputShape, parameterCount: countOf(variables) };
  } catch (error) {
    return { ...outlined, problem: problemOf(error) };
  }
}

function branchOutlines(layer: DraftLayer, at: number, inputShape: readonly number[] | null) {
  const outlineOf = (branch: Branch): OutlineLayer[] =>
    outlineList(branchOf(layer, branch), (index) => [at, branch, index], inputShape);
  return { body: outlineOf('body'), shortcut: outlineOf('shortcut') };
}

const nested = (outlined: OutlineLayer): OutlineLayer => ({
  ...outlined,
  problem: 'a residual block cannot stand inside another; put it beside the block.',
});

/** A block from its branches: they are added, so that they must end in the same shape. */
function joined(
  outlined: OutlineLayer,
  { activation }: { activation: string },
  inputShape: readonly number[] | null,
): OutlineLayer {
  const { body, shortcut } = outlined.branches!;
  const end = (layers: readonly OutlineLayer[]) => (layers.length === 0 ? inputShape : layers.at(-1)!.outputShape);
  const description = `body of ${body.length}, ${shortcut.length === 0 ? 'identity' : 'projected'} shortcut${activation === 'linear' ? '' : `, ${activation}`}`;
  const block = { ...outlined, description };
  if (body.length === 0) return { ...block, problem: 'its body needs at least one layer.' };
  const [bodyShape, shortcutShape] = [end(body), end(shortcut)];
  if (!bodyShape || !shortcutShape) return block;
  if (bodyShape.join() !== shortcutShape.join()) {
    const problem = `its body ends in [${bodyShape.join(', ')}] and its shortcut in [${shortcutShape.join(', ')}]; they are added and must agree.`;
    return { ...block, problem };
  }
  return { ...block, outputShape: bodyShape };
}

const allOf = (layers: readonly OutlineLayer[]): OutlineLayer[] =>
  layers.flatMap((each) => [each, ...branches.flatMap((branch) => allOf(each.branches?.[branch] ?? []))]);

/**
 * A model while it is being written: what is known of each layer, and what is wrong stated at the layer that causes it.
 * Behind a layer that is wrong no shapes are known.
 */
export function outlineModel(layers: readonly DraftLayer[], surroundings: ModelSurroundings): ModelOutline {
  const outlined = outlineList(layers, (index) => [index], surroundings.inputShape);
  const all = allOf(outlined);
  const last = outlined.length === 0 ? surroundings.inputShape : outlined.at(-1)!.outputShape;
  const output = last ? outlineOutput(last, surroundings) : null;
  return {
    layers: outlined,
    output,
    parameterCount: all.reduce((sum, each) => sum + each.parameterCount, output?.parameterCount ?? 0),
    problemCount: all.filter(({ problem }) => problem !== null).length,
  };
}

function outlineOutput(shape: readonly number[], surroundings: ModelSurroundings): NonNullable<ModelOutline['output']> {
  const planned: PlannedLayer[] = [];
  for (const spec of outputLayers(shape, surroundings)) {
    planned.push(planLayer('', spec, planned.at(-1)?.outputShape ?? [...shape]));
  }
  const { outputShape, variables, spec } = planned.at(-1)!;
  const description = `${planned.length > 1 ? 'flattened, ' : ''}${describeLayer(spec)}`;
  return { description, outputShape, parameterCount: countOf(variables) };
}
