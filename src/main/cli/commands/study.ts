import { parseRunConfig } from '../../../core/contract/runConfig.ts';
import type { Study } from '../../../core/contract/studies.ts';
import { AppError } from '../../../core/errors.ts';
import { parseStudySpec, type StudySpec } from '../../../core/studies/studySpec.ts';
import { exitCodes } from '../command.ts';
import type { Command, CommandContext } from '../command.ts';
import { readConfigFile } from '../config/configFile.ts';
import type { PositionalSpec } from '../flags/flagSpec.ts';
import { studyJson, studyResult, studyText, writeStudy } from '../study/reportStudy.ts';
import { watchStudy } from '../study/watchStudy.ts';
import { formatDate } from '../terminal/formats.ts';
import { renderTable } from '../terminal/table.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';
import type { Workbench } from '../workbench.ts';

const studyPositional: PositionalSpec = { name: 'STUDY', description: 'id, beginning of an id, or name of a study' };
export const outFlag = {
  name: 'out',
  kind: 'text',
  placeholder: 'DIR',
  description: 'write the table, the numbers and the plots into a folder (README.md, results.json, SVG)',
} as const;

/** Trains a study to its end and prints what came out. Answers the exit code. */
export async function trainStudy(context: CommandContext, workbench: Workbench, studyId: string): Promise<number> {
  const { host, args, isJson } = context;
  const before = await workbench.studies.get({ studyId });
  const watched = before.status === 'completed' ? null : await watchStudy(host, workbench, studyId);
  const study = watched?.study ?? before;
  const result = await studyResult(workbench, study);
  const folder = args.text('out');
  if (folder !== undefined) {
    const files = await writeStudy(workbench, result, folder);
    host.err(`Wrote ${files.length} files to ${folder}\n`);
  }
  host.out(isJson ? `${JSON.stringify(studyJson(result))}\n` : studyText(result));
  if (study.status === 'completed') return exitCodes.done;
  host.err(`Go on with: lp-workbench study run ${study.id}\n`);
  return watched?.isInterrupted ? exitCodes.interrupted : exitCodes.failed;
}

/** The study of this name and content that is not over yet, or a new one. */
export async function continueOrCreate({ studies }: Workbench, name: string, spec: StudySpec): Promise<Study> {
  const same = (await studies.list({})).find(
    (study) =>
      study.name === name && study.status !== 'completed' && JSON.stringify(study.spec) === JSON.stringify(spec),
  );
  return same ?? studies.create({ name, spec });
}

const runStudy: Command = {
  name: 'study run',
  summary: 'Trains a study: several optimizers, seeds and settings, one table at the end.',
  details: [
    'STUDY is a JSON file of a study (it ends in .json), or a study that was kept: one that was stopped or whose program was ' +
      'killed goes on where it was. A file whose study has begun goes on, too.',
    'The file holds base (a run configuration), optimizers (each with an id and settings by dotted path), seeds, and if ' +
      'wanted search (a grid or a random search), objective and stopping. See docs/studies.md.',
    'Ctrl-C stops the runs that train at a checkpoint; a second Ctrl-C ends at once.',
  ],
  positionals: [{ name: 'STUDY', description: 'a file, or the id or name of a study' }],
  flags: [
    { name: 'name', kind: 'text', description: 'name of a new study', defaultText: 'that of the file' },
    outFlag,
    connectFlag,
  ],
  examples: ['lp-workbench study run rates.json --out rates', 'lp-workbench study run 3f2a'],
  async run(context) {
    const { host, args, dataDir } = context;
    const wanted = args.positional(0);
    const isFile = wanted.endsWith('.json');
    const spec = isFile ? parseStudySpec(await readConfigFile(wanted)) : null;
    if (!isFile && args.has('name')) throw new AppError('badUsage', '--name belongs to a file: a study has its name.');
    // a base that is wrong by itself is better told before anything is kept
    if (spec) parseRunConfig({ ...spec.base, optimizer: { id: spec.optimizers[0]!.id }, learningRate: undefined });
    return withWorkbench(host, dataDir, { connect: args.text('connect') }, async (workbench) => {
      const name = args.text('name') ?? wanted.replace(/^.*[\\/]/, '').replace(/\.json$/, '');
      const study = spec
        ? await continueOrCreate(workbench, name, spec)
        : await workbench.studies.find({ text: wanted });
      return trainStudy(context, workbench, study.id);
    });
  },
};

const listStudies: Command = {
  name: 'study list',
  summary: 'The studies, newest first.',
  flags: [connectFlag],
  async run({ host, args, dataDir, isJson }) {
    const studies = await withWorkbench(host, dataDir, { readOnly: true, connect: args.text('connect') }, (workbench) =>
      workbench.studies.list({}),
    );
    if (isJson) host.out(`${JSON.stringify(studies)}\n`);
    else if (studies.length === 0) host.out('There are no studies yet. Begin with: lp-workbench recipe list\n');
    else {
      host.out(
        renderTable(
          [
            { title: 'Id' },
            { title: 'Name' },
            { title: 'Status' },
            { title: 'Runs', align: 'right' },
            { title: 'Created' },
          ],
          studies.map(({ id, name, status, runs, createdAtMs }) => [
            id,
            name,
            status,
            String(runs.length),
            formatDate(createdAtMs),
          ]),
        ),
      );
    }
    return exitCodes.done;
  },
};

const showStudy: Command = {
  name: 'study show',
  summary: 'The results of a study as they stand.',
  details: [
    '--json gives every number: results by setting, each seed, paired differences, the verdict and its reason.',
  ],
  positionals: [studyPositional],
  flags: [outFlag, connectFlag],
  async run({ host, args, dataDir, isJson }) {
    return withWorkbench(host, dataDir, { readOnly: true, connect: args.text('connect') }, async (workbench) => {
      const result = await studyResult(workbench, await workbench.studies.find({ text: args.positional(0) }));
      const folder = args.text('out');
      if (folder !== undefined) await writeStudy(workbench, result, folder);
      host.out(isJson ? `${JSON.stringify(studyJson(result))}\n` : studyText(result));
      return exitCodes.done;
    });
  },
};

/** A command that changes one study and tells so. */
function changeCommand(definition: {
  word: string;
  summary: string;
  details?: readonly string[];
  positionals?: readonly PositionalSpec[];
  flags?: Command['flags'];
  change: (studies: Workbench['studies'], study: Study, context: CommandContext) => Promise<Study>;
  sentence: (study: Study, context: CommandContext) => string;
}): Command {
  return {
    name: `study ${definition.word}`,
    summary: definition.summary,
    details: definition.details ?? [],
    positionals: [studyPositional, ...(definition.positionals ?? [])],
    flags: [...(definition.flags ?? []), connectFlag],
    async run(context) {
      const { host, args, dataDir, isJson } = context;
      const study = await withWorkbench(host, dataDir, { connect: args.text('connect') }, async ({ studies }) =>
        definition.change(studies, await studies.find({ text: args.positional(0) }), context),
      );
      host.out(isJson ? `${JSON.stringify(study)}\n` : `${definition.sentence(study, context)}\n`);
      return exitCodes.done;
    },
  };
}

const changeCommands: readonly Command[] = [
  changeCommand({
    word: 'stop',
    summary: 'Takes the waiting runs of a study out of the queue and stops those that train at a checkpoint.',
    details: [
      'A study trains in the program that has the data folder: stop one of a server with --connect, one of the window in the ' +
        'window, and one of this command line with Ctrl-C. A study whose program is gone is marked as stopped.',
    ],
    change: (studies, { id: studyId }) => studies.stop({ studyId }),
    sentence: ({ id, name, status }) =>
      status === 'completed'
        ? `${name} (${id}) has come to its end already.`
        : `${name} (${id}) is stopped. Go on with: lp-workbench study run ${id}`,
  }),
  changeCommand({
    word: 'rename',
    summary: 'Gives a study another name.',
    positionals: [{ name: 'NAME', description: 'the new name' }],
    change: (studies, { id: studyId }, { args }) => {
      const name = args.positional(1).trim();
      if (name === '') throw new AppError('badUsage', 'A name must not be empty.');
      return studies.rename({ studyId, name });
    },
    sentence: ({ id, name }) => `Renamed to ${name} (${id}).`,
  }),
  changeCommand({
    word: 'note',
    summary: 'Writes the note of a study; an empty text clears it.',
    positionals: [{ name: 'TEXT', description: 'the note' }],
    change: (studies, { id: studyId }, { args }) => studies.setNote({ studyId, note: args.positional(1) }),
    sentence: ({ id, name, note }) =>
      note === '' ? `${name} (${id}) has no note.` : `The note of ${name} (${id}) is written.`,
  }),
  changeCommand({
    word: 'delete',
    summary: 'Removes a study; its runs stay, or move to the trash with it.',
    flags: [{ name: 'with-runs', kind: 'switch', description: 'move its runs to the trash as well' }],
    change: async (studies, study, { args }) => {
      await studies.delete({ studyId: study.id, withRuns: args.isOn('with-runs') });
      return study;
    },
    sentence: ({ id, name, runs }, { args }) => {
      const count = runs.filter(({ runId }) => runId !== null).length;
      const where = args.isOn('with-runs') ? 'are in the trash' : 'stay in the table of runs';
      return `${name} (${id}) is removed. Its ${count} runs ${where}.`;
    },
  }),
];

export const studyCommands: readonly Command[] = [runStudy, listStudies, showStudy, ...changeCommands];
