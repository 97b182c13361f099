import { expect, test } from 'vitest';
import { modelDocs, readModelDocs } from './modelDocs.ts';

test('docs/models.md says what the catalogues say (else: node test/core/models/modelDocs.ts)', async () => {
  expect(await readModelDocs()).toBe(await modelDocs());
});
