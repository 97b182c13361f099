import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createGenerator, type Generator } from '../../../../src/core/random/generator.ts';
import { AppError } from '../../../../src/core/errors.ts';
import { runImport } from '../../../../src/main/datasets/import/runImport.ts';

/** Damages every fixture in seeded ways and imports it; tells its parent each case before it begins, and what went wrong. */
const [fixtures = '', work = '', casesEach = '0', onlyCase] = process.argv.slice(2);

const extremes = [0, 1, 0x7f, 0x80, 0xff];

function mutate(bytes: Buffer, generator: Generator): Buffer {
  const damaged = Buffer.from(bytes);
  const at = (): number => generator.nextInt(damaged.length);
  switch (generator.nextInt(6)) {
    case 0:
      return damaged.subarray(0, at());
    case 1: {
      for (let i = 0; i <= generator.nextInt(8); i++) damaged[at()]! ^= 1 << generator.nextInt(8);
      return damaged;
    }
    case 2: {
      // lengths, counts and offsets are mostly near the beginning or the end
      const near = generator.nextInt(2) === 0 ? 0 : Math.max(0, damaged.length - 200);
      for (let i = 0; i <= generator.nextInt(4); i++) {
        const start = near + generator.nextInt(Math.min(200, damaged.length - near));
        damaged[start] = extremes[generator.nextInt(extremes.length)]!;
      }
      return damaged;
    }
    case 3: {
      const [from, length, to] = [at(), 1 + generator.nextInt(64), at()];
      damaged.copyWithin(to, from, Math.min(damaged.length, from + length));
      return damaged;
    }
    case 4: {
      const cut = at();
      return Buffer.concat([
        damaged.subarray(0, cut),
        damaged.subarray(Math.min(damaged.length, cut + 1 + generator.nextInt(32))),
      ]);
    }
    default: {
      const cut = at();
      const more = Buffer.from(Array.from({ length: 1 + generator.nextInt(32) }, () => generator.nextInt(256)));
      return Buffer.concat([damaged.subarray(0, cut), more, damaged.subarray(cut)]);
    }
  }
}

const names = readdirSync(fixtures).filter((name) => !/\.(?:py|json)$/.test(name) || name === 'records.json');
let count = 0;
for (const name of names) {
  const whole = readFileSync(path.join(fixtures, name));
  for (let i = 0; i < Number(casesEach); i++) {
    const label = `${name} ${i}`;
    if (onlyCase !== undefined && onlyCase !== label) continue;
    const file = path.join(work, name);
    writeFileSync(file, mutate(whole, createGenerator(i, `fuzz/${name}`)));
    const tempDir = path.join(work, 'temp');
    mkdirSync(tempDir);
    process.send?.({ begins: label });
    const request = { choices: { paths: [file] }, tempDir, id: 'id', name: 'name' };
    try {
      await runImport(
        { kind: i % 3 === 0 ? 'inspect' : 'import', ...request },
        performance.now.bind(performance),
        () => {},
      );
    } catch (error) {
      if (!(error instanceof AppError))
        process.send?.({ failed: label, why: error instanceof Error ? error.stack : String(error) });
    }
    rmSync(tempDir, { recursive: true, force: true });
    rmSync(file);
    count++;
  }
}
process.send?.({ done: count, peakMiB: process.resourceUsage().maxRSS / 1_024 });
process.disconnect?.();
