import type { Branch, DraftLayer, LayerPlace } from '../../../core/models/editLayers.ts';
import { branches, placeKey } from '../../../core/models/editLayers.ts';
import type { ModelOutline, OutlineLayer } from '../../../core/models/outlineModel.ts';

/** One line of the editor's list; all have the same height. */
export type EditorRow =
  | { kind: 'input'; key: string; depth: 0 }
  | { kind: 'layer'; key: string; depth: 0 | 2; outlined: OutlineLayer; isOpen: boolean | null }
  | { kind: 'branch'; key: string; depth: 1; block: number; branch: Branch; count: number }
  | { kind: 'output'; key: string; depth: 0 };

/** The lines of a model, with the branches of the blocks that are open. */
export function editorRows({ layers }: ModelOutline, opened: ReadonlySet<DraftLayer>): EditorRow[] {
  const leaf = (outlined: OutlineLayer, depth: 0 | 2): EditorRow => ({
    kind: 'layer',
    key: placeKey(outlined.place),
    depth,
    outlined,
    isOpen: null,
  });
  const within = layers.flatMap((outlined, at): EditorRow[] => {
    if (!outlined.branches) return [leaf(outlined, 0)];
    const isOpen = opened.has(outlined.layer);
    const block: EditorRow = { kind: 'layer', key: placeKey(outlined.place), depth: 0, outlined, isOpen };
    if (!isOpen) return [block];
    const inside = branches.flatMap((branch): EditorRow[] => {
      const list = outlined.branches![branch];
      const head: EditorRow = {
        kind: 'branch',
        key: `${at}.${branch}`,
        depth: 1,
        block: at,
        branch,
        count: list.length,
      };
      return [head, ...list.map((each) => leaf(each, 2))];
    });
    return [block, ...inside];
  });
  return [{ kind: 'input', key: 'input', depth: 0 }, ...within, { kind: 'output', key: 'output', depth: 0 }];
}

/** Where something goes that is dropped on the upper or lower half of a line; null where nothing can stand. */
export function dropPlace(row: EditorRow, half: 'upper' | 'lower', layerCount: number): LayerPlace | null {
  switch (row.kind) {
    case 'input':
      return [0];
    case 'output':
      return [layerCount];
    case 'branch':
      return [row.block, row.branch, 0];
    case 'layer': {
      const { place } = row.outlined;
      if (half === 'upper') return place;
      return place.length === 1 ? [place[0] + 1] : [place[0], place[1], place[2] + 1];
    }
  }
}

/** Whether a layer, or a layer in it, is wrong: a closed block shows what is wrong inside. */
export function problemWithin({ problem, branches: inner }: OutlineLayer): string | null {
  const inside = inner ? [...inner.body, ...inner.shortcut] : [];
  return problem ?? inside.find((each) => each.problem !== null)?.problem ?? null;
}
