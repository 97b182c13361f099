import { expect, test } from 'vitest';
import { optimizerDocs, readOptimizerDocs } from './optimizerDocs.ts';

test('docs/optimizers.md says what the catalogue says (else: node test/core/optimizers/optimizerDocs.ts)', async () => {
  expect(await readOptimizerDocs()).toBe(await optimizerDocs());
});
