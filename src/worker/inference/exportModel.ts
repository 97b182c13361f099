import fs from 'node:fs';
import path from 'node:path';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import type { ModelFormat } from '../../core/contract/results.ts';
import type { RunConfig } from '../../core/contract/runConfig.ts';
import type { Tf } from '../backends/device.ts';
import { encodeSafetensors, type StoredTensor } from '../engine/safetensors.ts';
import { toLayersModel } from './layersModel.ts';
import type { TrainedNetwork } from './trainedNetwork.ts';

/** What somebody needs who feeds the model: how numbers come in, and what comes out. */
interface ModelUse {
  input: {
    shape: readonly number[];
    layout: string;
    /** the model receives (stored * scale + offset - mean) / deviation, by the last axis */
    scale: number;
    offset: number;
    mean: readonly number[] | null;
    deviation: readonly number[] | null;
    features: readonly string[] | null;
  };
  output: { kind: 'probabilities' | 'logits' | 'numbers'; classes: readonly string[] };
}

function useOf(meta: DatasetMeta, classesAs: 'probabilities' | 'logits'): ModelUse {
  return {
    input: {
      shape: meta.shape,
      layout: meta.shape.length === 3 ? 'height, width, channels' : 'features',
      scale: meta.scale,
      offset: meta.offset,
      mean: meta.normalization?.mean ?? null,
      deviation: meta.normalization?.deviation ?? null,
      features: meta.features ?? null,
    },
    output: { kind: meta.task === 'classes' ? classesAs : 'numbers', classes: meta.classes },
  };
}

export interface ExportOptions {
  tf: Tf;
  network: TrainedNetwork;
  meta: DatasetMeta;
  config: RunConfig;
  format: ModelFormat;
  /** is there and empty */
  dir: string;
}

/** Writes a trained model in a format of others and answers the names of the files. */
export async function exportModel({ tf, network, meta, config, format, dir }: ExportOptions): Promise<string[]> {
  const write = (name: string, content: string | Uint8Array): string => {
    const descriptor = fs.openSync(path.join(dir, name), 'wx');
    try {
      fs.writeFileSync(descriptor, content);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    return name;
  };
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

  if (format === 'safetensors') {
    const tensors: Record<string, StoredTensor> = {};
    for (const [name, tensor] of Object.entries(network.variables)) {
      tensors[name] = { dtype: 'F32', shape: [...tensor.shape], values: (await tensor.data()) as Float32Array };
    }
    return [
      write('weights.safetensors', encodeSafetensors(tensors)),
      write(
        'config.json',
        json({ run: config, layers: network.plan.layers.map(({ spec }) => spec), use: useOf(meta, 'logits') }),
      ),
    ];
  }

  const model = toLayersModel(tf, network, meta.task === 'classes');
  const use = useOf(meta, 'probabilities');
  try {
    model.setUserDefinedMetadata({ lpWorkbench: { run: config, use } });
    let files: string[] = [];
    await model.save(
      tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, ...rest }) => {
        const pieces = Array.isArray(weightData) ? weightData : [weightData!];
        files = [
          write('weights.bin', Buffer.concat(pieces.map((piece) => new Uint8Array(piece)))),
          write(
            'model.json',
            json({
              format: 'layers-model',
              generatedBy: rest.generatedBy,
              convertedBy: rest.convertedBy ?? null,
              modelTopology,
              weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
              userDefinedMetadata: rest.userDefinedMetadata,
            }),
          ),
          write('use.json', json(use)),
        ];
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
    return files;
  } finally {
    model.dispose();
  }
}
