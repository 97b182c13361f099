import { expect, it } from 'vitest';
import { cliDocs, writtenDocs } from './cliDocs.ts';

it('docs/cli.md says what the commands say', async () => {
  expect(await writtenDocs()).toBe(await cliDocs());
});
