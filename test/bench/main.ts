/**
 * node test/bench/main.ts [name] [arguments]: runs one benchmark, or all without a name. Another benchmark plugs in by
 * a line in the registry. Needs nothing but this checkout; with Debian's PyTorch present it also prints ratios.
 */
import { benchDatasets } from './datasets.ts';
import { benchDevices } from './devices.ts';
import { benchReports } from './reports.ts';
import { benchStudies } from './studies.ts';
import { benchWorkbench } from './workbench.ts';

const registry: Record<string, (args: readonly string[]) => Promise<void>> = {
  datasets: benchDatasets,
  devices: benchDevices,
  reports: benchReports,
  studies: benchStudies,
  workbench: benchWorkbench,
};

const [name, ...args] = process.argv.slice(2);
if (name !== undefined && !(name in registry)) {
  console.error(`There is no benchmark "${name}"; choose one of ${Object.keys(registry).join(', ')}.`);
  process.exitCode = 2;
} else {
  for (const [each, bench] of Object.entries(registry)) {
    if (name !== undefined && name !== each) continue;
    console.log(`== ${each}`);
    await bench(args);
    console.log('');
  }
}
