import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { modelCatalogue } from '../../core/models/catalogue.ts';
import {
  branchOf,
  branches,
  insertLayer,
  isBlock,
  layerAt,
  moveLayer,
  nudgeLayer,
  placeAfter,
  placeLeftBy,
  removeLayer,
  replaceLayer,
  type DraftLayer,
  type LayerPlace,
  type Moved,
} from '../../core/models/editLayers.ts';
import { layerCatalogue } from '../../core/models/layerCatalogue.ts';
import { layerSpecSchema, type LayerType } from '../../core/models/layerSpec.ts';
import type { ModelConfig } from '../../core/models/modelConfig.ts';
import { outlineModel } from '../../core/models/outlineModel.ts';

interface Version {
  layers: readonly DraftLayer[];
  selected: LayerPlace | null;
}

/** Versions that undo can go back; older ones are forgotten. */
const mostVersions = 200;

/** A layer with every setting it leaves out; a faulty one stays as it is. */
const completed = (layer: DraftLayer): DraftLayer => layerSpecSchema.safeParse(layer).data ?? layer;

/** The model under work in the editor. It outlives its view. */
export const useModelEditorStore = defineStore('modelEditor', () => {
  const version = shallowRef<Version>({
    layers: layersOf({ preset: 'resnet18', options: {} }, [32, 32, 3]),
    selected: null,
  });
  const past = shallowRef<readonly Version[]>([]);
  const future = shallowRef<readonly Version[]>([]);
  /** what the last change was of; another one of the same goes into the same version */
  let lastKind: string | null = null;
  const inputShape = shallowRef<readonly number[]>([32, 32, 3]);
  const classCount = shallowRef(10);
  /** blocks whose branches are shown */
  const opened = shallowRef<ReadonlySet<DraftLayer>>(new Set());

  /** weights that came with the layers */
  const imported = shallowRef<{ hash: string; layers: string } | null>(null);

  const layers = computed(() => version.value.layers);
  /** none: only layers; fit: they are those of these layers; changed: the layers are others now */
  const weights = computed<'none' | 'fit' | 'changed'>(() => {
    if (!imported.value) return 'none';
    return JSON.stringify(layers.value) === imported.value.layers ? 'fit' : 'changed';
  });
  const selected = computed(() => version.value.selected);
  const outline = computed(() =>
    outlineModel(layers.value, {
      inputShape: inputShape.value,
      task: classCount.value > 1 ? 'classes' : 'regression',
      classCount: classCount.value,
    }),
  );

  function edit(next: Version, kind: string | null = null): void {
    const isContinued = kind !== null && kind === lastKind;
    if (!isContinued) past.value = [...past.value.slice(1 - mostVersions), version.value];
    lastKind = kind;
    future.value = [];
    keepOpened(version.value.layers, next.layers, next.selected);
    version.value = next;
  }

  /** A block that was changed is another object; it stays open. So does the block of what is selected. */
  function keepOpened(before: readonly DraftLayer[], after: readonly DraftLayer[], place: LayerPlace | null): void {
    const gone = before.filter((layer) => isBlock(layer) && !after.includes(layer));
    const come = after.filter((layer) => isBlock(layer) && !before.includes(layer));
    const stay = come.filter((_, i) => gone[i] !== undefined && opened.value.has(gone[i]));
    const around = place?.length === 3 ? [after[place[0]]!] : [];
    if (stay.length + around.length > 0) opened.value = new Set([...opened.value, ...stay, ...around]);
  }

  function travel(from: typeof past, to: typeof past): void {
    const target = from.value.at(-1);
    if (!target) return;
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, version.value];
    lastKind = null;
    version.value = target;
  }

  const select = (place: LayerPlace | null): void => {
    lastKind = null;
    version.value = { ...version.value, selected: place };
  };

  /** Behind what is selected, or at the end. */
  function add(type: LayerType, at?: LayerPlace): void {
    const behind = selected.value ? placeAfter(selected.value) : ([layers.value.length] as const);
    const wanted = at ?? behind;
    const place: LayerPlace = type === 'residual' && wanted.length === 3 ? [wanted[0] + 1] : wanted;
    const layer = completed({ type, ...layerCatalogue[type].start });
    edit({ layers: insertLayer(layers.value, place, layer), selected: place });
    if (type === 'residual') toggle(layer, true);
  }

  function remove(): void {
    const place = selected.value;
    if (!place) return;
    const next = removeLayer(layers.value, place);
    edit({ layers: next, selected: placeLeftBy(next, place) });
  }

  function duplicate(): void {
    const place = selected.value;
    const layer = place && layerAt(layers.value, place);
    if (!place || !layer) return;
    const copy = structuredClone(layer);
    edit({ layers: insertLayer(layers.value, placeAfter(place), copy), selected: placeAfter(place) });
  }

  function takeMove(moved: Moved | null): void {
    if (moved) edit({ layers: moved.layers, selected: moved.place });
  }

  /** Changes a setting of the selected layer; undefined takes it out. */
  function change(key: string, value: unknown): void {
    const place = selected.value;
    const layer = place && layerAt(layers.value, place);
    if (!place || !layer) return;
    const { [key]: _, ...rest } = layer;
    const next = value === undefined ? rest : { ...layer, [key]: value };
    edit({ layers: replaceLayer(layers.value, place, next), selected: place }, `${place.join('.')}/${key}`);
  }

  /** Shows another model, with the weights of this hash if it has any; undo brings the old one back. */
  function open(
    model: ModelConfig | { layers: readonly DraftLayer[] },
    shape?: readonly number[] | null,
    weightsHash?: string,
  ): void {
    if (shape) inputShape.value = shape;
    opened.value = new Set();
    edit({ layers: layersOf(model, inputShape.value), selected: null });
    imported.value = weightsHash === undefined ? null : { hash: weightsHash, layers: JSON.stringify(layers.value) };
  }

  function toggle(layer: DraftLayer, isOpen = !opened.value.has(layer)): void {
    const next = new Set(opened.value);
    if (isOpen) next.add(layer);
    else next.delete(layer);
    opened.value = next;
  }

  function toggleAll(isOpen: boolean): void {
    opened.value = new Set(isOpen ? layers.value.filter(isBlock) : []);
  }

  return {
    layers,
    weights,
    weightsHash: computed(() => (weights.value === 'fit' ? imported.value?.hash : undefined)),
    selected,
    outline,
    inputShape,
    classCount,
    opened,
    past,
    future,
    select,
    add,
    remove,
    duplicate,
    change,
    open,
    toggle,
    toggleAll,
    move: (from: LayerPlace, to: LayerPlace) => takeMove(moveLayer(layers.value, from, to)),
    nudge: (direction: 1 | -1) => selected.value && takeMove(nudgeLayer(layers.value, selected.value, direction)),
    undo: () => travel(past, future),
    redo: () => travel(future, past),
  };
});

/** The layers of a model with every setting written out; a preset suits its first and last layers to the shape. */
function layersOf(
  model: ModelConfig | { layers: readonly DraftLayer[] },
  inputShape: readonly number[],
): readonly DraftLayer[] {
  if ('layers' in model) {
    return model.layers.map((layer: DraftLayer) =>
      isBlock(layer)
        ? completed({
            ...layer,
            ...Object.fromEntries(branches.map((branch) => [branch, branchOf(layer, branch).map(completed)])),
          })
        : completed(layer),
    );
  }
  const entry = modelCatalogue.find(({ id }) => id === model.preset);
  return entry ? (entry.layers(model.options, inputShape) as readonly DraftLayer[]).map(completed) : [];
}
