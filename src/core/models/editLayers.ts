/** A layer while it is being written: settings may be missing or wrong. */
export type DraftLayer = Readonly<Record<string, unknown>>;

export const branches = ['body', 'shortcut'] as const;
export type Branch = (typeof branches)[number];

/** Where a layer stands: its index in the model, or the block's index, a branch of it and the index there. */
export type LayerPlace = readonly [index: number] | readonly [block: number, branch: Branch, index: number];

export const placeKey = (place: LayerPlace): string => place.join('.');
export const samePlace = (a: LayerPlace, b: LayerPlace): boolean => placeKey(a) === placeKey(b);

const isDraft = (value: unknown): value is DraftLayer =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The layers of a branch; none where it is missing or no list. */
export function branchOf(block: DraftLayer | undefined, branch: Branch): readonly DraftLayer[] {
  const layers = block?.[branch];
  return Array.isArray(layers) ? layers.filter(isDraft) : [];
}

export const isBlock = (layer: DraftLayer | undefined): boolean => layer?.['type'] === 'residual';

/** Blocks hold plain layers only. */
export const mayStandAt = (layer: DraftLayer, place: LayerPlace): boolean => place.length === 1 || !isBlock(layer);

/** The list that a place is an index of. */
function listAt(layers: readonly DraftLayer[], place: LayerPlace): readonly DraftLayer[] {
  return place.length === 1 ? layers : branchOf(layers[place[0]], place[1]);
}

function withListAt(
  layers: readonly DraftLayer[],
  place: LayerPlace,
  change: (list: readonly DraftLayer[]) => DraftLayer[],
): DraftLayer[] {
  if (place.length === 1) return change(layers);
  const [at, branch] = place;
  const block = layers[at];
  return block ? layers.with(at, { ...block, [branch]: change(branchOf(block, branch)) }) : [...layers];
}

const indexOf = (place: LayerPlace): number => (place.length === 1 ? place[0] : place[2]);

const withIndex = (place: LayerPlace, index: number): LayerPlace =>
  place.length === 1 ? [index] : [place[0], place[1], index];

export const placeAfter = (place: LayerPlace): LayerPlace => withIndex(place, indexOf(place) + 1);

export const layerAt = (layers: readonly DraftLayer[], place: LayerPlace): DraftLayer | undefined =>
  listAt(layers, place)[indexOf(place)];

/** Puts a layer before the one that stands at the place. */
export function insertLayer(layers: readonly DraftLayer[], place: LayerPlace, layer: DraftLayer): DraftLayer[] {
  return withListAt(layers, place, (list) => list.toSpliced(indexOf(place), 0, layer));
}

export function removeLayer(layers: readonly DraftLayer[], place: LayerPlace): DraftLayer[] {
  return withListAt(layers, place, (list) => list.toSpliced(indexOf(place), 1));
}

export function replaceLayer(layers: readonly DraftLayer[], place: LayerPlace, layer: DraftLayer): DraftLayer[] {
  return withListAt(layers, place, (list) => list.with(indexOf(place), layer));
}

/** The place to select when the layer at a place is gone: what moved up there, else the one before, else the block. */
export function placeLeftBy(layers: readonly DraftLayer[], place: LayerPlace): LayerPlace | null {
  const { length } = listAt(layers, place);
  if (length > 0) return withIndex(place, Math.min(indexOf(place), length - 1));
  return place.length === 1 ? null : [place[0]];
}

export interface Moved {
  layers: DraftLayer[];
  /** where the layer stands now */
  place: LayerPlace;
}

/**
 * Takes the layer at `from` to before the one that stands at `to`, both counted before the move. Null where nothing
 * would change or the layer must not stand there.
 */
export function moveLayer(layers: readonly DraftLayer[], from: LayerPlace, to: LayerPlace): Moved | null {
  const layer = layerAt(layers, from);
  if (!layer || !mayStandAt(layer, to)) return null;
  const target = afterRemoval(from, to);
  if (samePlace(from, target)) return null;
  return { layers: insertLayer(removeLayer(layers, from), target, layer), place: target };
}

/** What a place is called once the layer at `from` is gone. */
function afterRemoval(from: LayerPlace, to: LayerPlace): LayerPlace {
  if (from.length === 1) {
    const [first, ...rest] = to;
    return first > from[0] ? ([first - 1, ...rest] as unknown as LayerPlace) : to;
  }
  const isSameList = to.length === 3 && to[0] === from[0] && to[1] === from[1];
  return isSameList && to[2] > from[2] ? [to[0], to[1], to[2] - 1] : to;
}

/** Moves a layer by one place, up or down, into blocks and out of them on the way; null at the ends. */
export function nudgeLayer(layers: readonly DraftLayer[], from: LayerPlace, direction: 1 | -1): Moved | null {
  const layer = layerAt(layers, from);
  if (!layer) return null;
  const rest = removeLayer(layers, from);
  const places = placesIn(rest).filter((place) => mayStandAt(layer, place));
  const to = places[places.findIndex((place) => samePlace(place, from)) + direction];
  return to ? { layers: insertLayer(rest, to, layer), place: to } : null;
}

/** Everywhere a layer can be put, from first to last. */
function placesIn(layers: readonly DraftLayer[]): LayerPlace[] {
  const within = layers.flatMap((layer, at): LayerPlace[] => [
    [at],
    ...(isBlock(layer)
      ? branches.flatMap((branch) =>
          Array.from({ length: branchOf(layer, branch).length + 1 }, (_, index): LayerPlace => [at, branch, index]),
        )
      : []),
  ]);
  return [...within, [layers.length]];
}
