import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DraftLayer } from '../../../src/core/models/editLayers.ts';
import { useModelEditorStore } from '../../../src/renderer/stores/modelEditor.ts';

beforeEach(() => setActivePinia(createPinia()));

function editorWith(layers: DraftLayer[]) {
  const editor = useModelEditorStore();
  editor.open({ layers }, [8, 8, 3]);
  return editor;
}
const types = (layers: readonly DraftLayer[]) => layers.map(({ type }) => type);
const block: DraftLayer = { type: 'residual', body: [{ type: 'batchNorm' }], shortcut: [] };

describe('the model under work', () => {
  test('opens presets as the sample shape wants them', () => {
    const editor = useModelEditorStore();
    editor.open({ preset: 'resnet50', options: {} }, [224, 224, 3]);
    editor.classCount = 1000;
    expect(editor.outline).toMatchObject({ parameterCount: 25_557_032, problemCount: 0 });
  });

  test('takes new layers behind what is chosen, with every setting written out', () => {
    const editor = editorWith([{ type: 'batchNorm' }, { type: 'flatten' }]);
    editor.select([0]);
    editor.add('conv2d');
    expect(types(editor.layers)).toEqual(['batchNorm', 'conv2d', 'flatten']);
    expect(editor.selected).toEqual([1]);
    expect(editor.layers[1]).toEqual({
      type: 'conv2d',
      filters: 32,
      kernelSize: 3,
      strides: 1,
      padding: 1,
      activation: 'relu',
      useBias: true,
      initializer: 'he',
    });
  });

  test('takes blocks beside the block whose branch is chosen', () => {
    const editor = editorWith([block]);
    editor.select([0, 'body', 0]);
    editor.add('residual');
    expect(types(editor.layers)).toEqual(['residual', 'residual']);
  });

  test('undoes and redoes one change after the other; what is typed into a setting is one change', () => {
    const editor = editorWith([{ type: 'dense', units: 1 }]);
    editor.select([0]);
    for (const units of [12, 128, 1280]) editor.change('units', units);
    editor.duplicate();
    editor.remove();
    expect(types(editor.layers)).toEqual(['dense']);
    editor.undo();
    expect(types(editor.layers)).toEqual(['dense', 'dense']);
    editor.undo();
    expect(editor.layers[0]).toMatchObject({ units: 1280 });
    editor.undo();
    expect(editor.layers[0]).toMatchObject({ units: 1 });
    editor.redo();
    expect(editor.layers[0]).toMatchObject({ units: 1280 });
    editor.select([0]);
    editor.change('units', 3);
    expect(editor.future).toEqual([]);
  });

  test('keeps a block open while it is changed', () => {
    const editor = editorWith([block, { type: 'flatten' }]);
    editor.toggle(editor.layers[0]!, true);
    editor.select([0, 'body', 0]);
    editor.change('momentum', 0.2);
    editor.remove();
    expect(editor.selected).toEqual([0]);
    expect(editor.opened.has(editor.layers[0]!)).toBe(true);
  });

  test('goes back no further than 200 changes', () => {
    const editor = editorWith([]);
    for (let i = 0; i < 250; i++) editor.add('flatten');
    expect(editor.past.length).toBe(200);
  });
});
