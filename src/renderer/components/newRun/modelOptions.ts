import { z } from 'zod';
import { modelCatalogue } from '../../../core/models/catalogue.ts';

/** One option of a model, as a form field. */
export interface ModelOption {
  key: string;
  kind: 'numbers' | 'number' | 'switch' | 'choice';
  /** of a choice */
  choices: readonly string[];
  description: string;
  /** what applies when it is left empty */
  placeholder: string;
  step: number;
}

const schema = z.object({
  properties: z
    .record(
      z.string(),
      z.object({
        type: z.string(),
        description: z.string().default(''),
        default: z.unknown().optional(),
        enum: z.array(z.string()).default([]),
      }),
    )
    .default({}),
});

const kinds: Readonly<Record<string, ModelOption['kind']>> = { array: 'numbers', boolean: 'switch', string: 'choice' };

/** The options of a catalogue model in their order; none for layers written by hand. */
export function modelOptions(preset: string): ModelOption[] {
  const entry = modelCatalogue.find((model) => model.id === preset);
  if (!entry) return [];
  const { properties } = schema.parse(z.toJSONSchema(entry.options, { io: 'input' }));
  return Object.entries(properties).map(([key, { type, description, default: value, enum: choices }]) => ({
    key,
    kind: kinds[type] ?? 'number',
    choices,
    description,
    placeholder: Array.isArray(value) ? value.join(', ') : String(value ?? 'automatic'),
    step: type === 'integer' ? 1 : 0.1,
  }));
}
