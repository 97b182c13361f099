import type { Command } from '../command.ts';
import { readConfigFile } from '../config/configFile.ts';
import { runConfigFrom } from '../config/configFromFlags.ts';
import { modelFileFlag, withModelFile, withWeights, withWeightsFlag } from '../config/modelFile.ts';
import { runFlags } from '../config/runFlags.ts';
import { reportResult } from '../runResult.ts';
import { watchRun } from '../watchRun.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';

export const trainCommand: Command = {
  name: 'train',
  summary: 'Trains one run and keeps it: configuration, every metric, checkpoints.',
  details: [
    'Ctrl-C pauses the run with a checkpoint and tells how to continue; a second Ctrl-C ends it at once.',
    'Settings come from --config, if given, and flags override it. A flag that names another optimizer or model than ' +
      'the file replaces the whole of it, and with an optimizer its learning rate. See the fields: lp-workbench config schema.',
  ],
  flags: [
    { name: 'config', kind: 'text', placeholder: 'FILE', description: 'a JSON file of settings', group: 'Run' },
    modelFileFlag,
    withWeightsFlag,
    { name: 'name', kind: 'text', description: 'name of the run', defaultText: 'made from its settings', group: 'Run' },
    { name: 'tag', kind: 'text', description: 'a tag; may be given several times', repeatable: true, group: 'Run' },
    { name: 'note', kind: 'text', description: 'a note', group: 'Run' },
    ...runFlags,
    connectFlag,
  ],
  examples: [
    'lp-workbench train --model cnn --optimizer lpsgdm --lr 0.01 --weight-decay 0.001 --p-max 6 --seed 1',
    'lp-workbench train --config experiment.json --epochs 10',
    'lp-workbench train --model-file model.json --with-weights --dataset digits',
  ],
  async run(context) {
    const { host, args, dataDir } = context;
    const file = args.text('config');
    const settings = file === undefined ? {} : await readConfigFile(file);
    const config = runConfigFrom(args, await withModelFile(host, args, settings));
    const details = { name: args.text('name'), tags: args.texts('tag'), note: args.text('note') };
    return withWorkbench(host, dataDir, { connect: args.text('connect') }, async (workbench) => {
      const run = await workbench.runs.create({ config: await withWeights(args, workbench, config), ...details });
      return reportResult(context, await watchRun(host, workbench, run.id, run.name));
    });
  },
};
