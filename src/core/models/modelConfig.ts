import { z } from 'zod';
import { nearestName } from '../text/nearestName.ts';
import { layerSpecSchema } from './layerSpec.ts';
import { modelCatalogue, modelIds } from './catalogue.ts';

/** Either a preset of the catalogue with its options, or the layers themselves (without the output layer). */
export const modelConfigSchema = z
  .union([
    z.strictObject({
      preset: z.string(),
      /** the preset's options, for example {"hidden": [128, 64]} for `mlp` */
      options: z.record(z.string(), z.unknown()).default({}),
    }),
    z.strictObject({ layers: z.array(layerSpecSchema) }),
  ])
  .transform((value, context) => {
    if ('layers' in value) return value;
    const entry = modelCatalogue.find((model) => model.id === value.preset);
    if (!entry) {
      const near = nearestName(value.preset, modelIds);
      context.addIssue({
        code: 'custom',
        path: ['preset'],
        message: `there is no model "${value.preset}"${near ? `; did you mean "${near}"?` : ''} Known: ${modelIds.join(', ')}`,
      });
      return z.NEVER;
    }
    const options = entry.options.safeParse(value.options);
    if (!options.success) {
      for (const issue of options.error.issues) {
        context.addIssue({ code: 'custom', path: ['options', ...issue.path], message: issue.message });
      }
      return z.NEVER;
    }
    return { preset: value.preset, options: options.data as Record<string, unknown> };
  });
export type ModelConfig = z.output<typeof modelConfigSchema>;
