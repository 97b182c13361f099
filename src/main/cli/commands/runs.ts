import { runStatuses } from '../../../core/contract/runs.ts';
import type { Run, RunStatus } from '../../../core/contract/runs.ts';
import { AppError } from '../../../core/errors.ts';
import { exitCodes } from '../command.ts';
import type { Command, CommandContext } from '../command.ts';
import type { PositionalSpec } from '../flags/flagSpec.ts';
import { runJson, runTitle } from '../runResult.ts';
import { formatDate, formatDuration, formatNumber, formatPercent } from '../terminal/formats.ts';
import { renderTable } from '../terminal/table.ts';
import { connectFlag, withWorkbench } from '../workbench.ts';
import type { Workbench } from '../workbench.ts';

const runPositional: PositionalSpec = { name: 'RUN', description: 'id, beginning of an id, or name of a run' };

const listRuns: Command = {
  name: 'runs list',
  summary: 'The runs, newest first.',
  flags: [
    { name: 'deleted', kind: 'switch', description: 'show the trash as well' },
    {
      name: 'status',
      kind: 'text',
      description: 'only runs of this status',
      choices: runStatuses,
      placeholder: 'STATUS',
    },
    { name: 'tag', kind: 'text', description: 'only runs with this tag' },
    connectFlag,
  ],
  async run({ host, args, dataDir, isJson }) {
    const status = args.text('status') as RunStatus | undefined;
    const tag = args.text('tag');
    const stored = await withWorkbench(host, dataDir, { readOnly: true, connect: args.text('connect') }, ({ runs }) =>
      runs.list({ includeDeleted: args.isOn('deleted'), ...(status ? { statuses: [status] } : {}) }),
    );
    const shown = stored
      .filter((run) => tag === undefined || run.tags.includes(tag))
      .toSorted((a, b) => b.createdAtMs - a.createdAtMs);
    host.out(isJson ? `${JSON.stringify(shown.map(runJson))}\n` : listText(shown));
    return exitCodes.done;
  },
};

function listText(runs: readonly Run[]): string {
  if (runs.length === 0) return 'There are no runs yet. Begin with: lp-workbench train\n';
  const columns = [
    { title: 'Id' },
    { title: 'Name' },
    { title: 'Status' },
    { title: 'Step', align: 'right' },
    { title: 'Test accuracy', align: 'right' },
    { title: 'Train loss', align: 'right' },
    { title: 'Time', align: 'right' },
    { title: 'Created' },
    { title: 'Tags' },
  ] as const;
  const rows = runs.map((run) => [
    run.id,
    run.name,
    run.deletedAtMs === null ? run.status : `${run.status}, deleted`,
    run.totalSteps === null ? String(run.step) : `${run.step}/${run.totalSteps}`,
    formatPercent(run.latest['testAccuracy']),
    formatNumber(run.latest['trainLoss']),
    formatDuration(run.trainSeconds),
    formatDate(run.createdAtMs),
    run.tags.join(', '),
  ]);
  return renderTable(columns, rows);
}

const showRun: Command = {
  name: 'runs show',
  summary: 'Everything kept about one run.',
  positionals: [runPositional],
  flags: [connectFlag],
  async run({ host, args, dataDir, isJson }) {
    const run = await withWorkbench(host, dataDir, { readOnly: true, connect: args.text('connect') }, ({ runs }) =>
      runs.find({ text: args.positional(0) }),
    );
    host.out(isJson ? `${JSON.stringify(runJson(run))}\n` : showText(run));
    return exitCodes.done;
  },
};

function showText(run: Run): string {
  const facts: [string, string | null | undefined][] = [
    ['Id', run.id],
    ['Name', run.name],
    ['Status', run.endReason && run.endReason !== run.status ? `${run.status} (${run.endReason})` : run.status],
    ['Failure', run.failure?.message],
    ['Tags', run.tags.join(', ')],
    ['Note', run.note],
    ['Step', run.totalSteps === null ? String(run.step) : `${run.step} of ${run.totalSteps}`],
    ['Device', run.device && `${run.device.id}: ${run.device.description}, ${run.device.threads} threads`],
    ['Parameters', run.parameterCount?.toLocaleString('en')],
    ['Dataset hash', run.datasetHash],
    ['Software', run.softwareVersion],
    ['Created', formatDate(run.createdAtMs)],
    ['Training time', formatDuration(run.trainSeconds)],
    ['Branched from', run.parent && `${run.parent.runId} at step ${run.parent.step}`],
    ['Deleted', run.deletedAtMs === null ? null : formatDate(run.deletedAtMs)],
  ];
  const lines = facts.flatMap(([name, value]) => (value ? [`${name.padEnd(15)}${value}`] : []));
  const metrics = Object.entries(run.latest).map(([key, value]) => `  ${key.padEnd(22)}${formatNumber(value)}`);
  const config = JSON.stringify(run.config, null, 2).replaceAll(/^/gm, '  ');
  const last = metrics.length > 0 ? ['', 'Last metrics:', ...metrics] : [];
  return `${[...lines, ...last, '', 'Configuration:', config].join('\n')}\n`;
}

/** A command that changes one run and tells so. */
function changeCommand(definition: {
  word: string;
  summary: string;
  positionals?: readonly PositionalSpec[];
  flags?: Command['flags'];
  details?: readonly string[];
  change: (runs: Workbench['runs'], run: Run, context: CommandContext) => Promise<Run>;
  sentence: (run: Run) => string;
}): Command {
  return {
    name: `runs ${definition.word}`,
    summary: definition.summary,
    details: definition.details ?? [],
    positionals: [runPositional, ...(definition.positionals ?? [])],
    flags: [...(definition.flags ?? []), connectFlag],
    async run(context) {
      const { host, args, dataDir, isJson } = context;
      const run = await withWorkbench(host, dataDir, { connect: args.text('connect') }, async ({ runs }) =>
        definition.change(runs, await runs.find({ text: args.positional(0) }), context),
      );
      host.out(isJson ? `${JSON.stringify(runJson(run))}\n` : `${definition.sentence(run)}\n`);
      return exitCodes.done;
    },
  };
}

const changeCommands: readonly Command[] = [
  changeCommand({
    word: 'rename',
    summary: 'Gives a run another name.',
    positionals: [{ name: 'NAME', description: 'the new name' }],
    change: (runs, run, { args }) => runs.rename({ runId: run.id, name: notEmpty(args.positional(1), 'A name') }),
    sentence: (run) => `Renamed to ${runTitle(run)}.`,
  }),
  changeCommand({
    word: 'tag',
    summary: 'Adds tags to a run, or removes them.',
    positionals: [{ name: 'TAG', description: 'one or more tags', variadic: true }],
    flags: [{ name: 'remove', kind: 'switch', description: 'remove these tags instead' }],
    change: (runs, run, { args }) => {
      const named = args.positionals.slice(1).map((tag) => notEmpty(tag, 'A tag'));
      const others = run.tags.filter((tag) => !named.includes(tag));
      return runs.setTags({
        runId: run.id,
        tags: args.isOn('remove') ? others : [...new Set([...run.tags, ...named])],
      });
    },
    sentence: (run) => `${runTitle(run)} has ${run.tags.length > 0 ? `the tags ${run.tags.join(', ')}` : 'no tags'}.`,
  }),
  changeCommand({
    word: 'note',
    summary: 'Writes the note of a run; an empty text clears it.',
    positionals: [{ name: 'TEXT', description: 'the note' }],
    change: (runs, run, { args }) => runs.setNote({ runId: run.id, note: args.positional(1) }),
    sentence: (run) => (run.note === '' ? `${runTitle(run)} has no note.` : `The note of ${runTitle(run)} is written.`),
  }),
  changeCommand({
    word: 'delete',
    summary: 'Moves a run to the trash.',
    change: (runs, run) => runs.delete({ runId: run.id }),
    sentence: (run) => `${runTitle(run)} is in the trash. Bring it back with: lp-workbench runs restore ${run.id}`,
  }),
  changeCommand({
    word: 'restore',
    summary: 'Takes a run out of the trash.',
    change: (runs, run) => runs.restore({ runId: run.id }),
    sentence: (run) => `${runTitle(run)} is restored.`,
  }),
];

function notEmpty(text: string, what: string): string {
  if (text.trim() !== '') return text;
  throw new AppError('badUsage', `${what} must not be empty.`);
}

export const runCommands: readonly Command[] = [listRuns, showRun, ...changeCommands];
