import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  reportFormats,
  reportSections,
  type ReportFormat,
  type ReportSection,
  type ReportSubject,
} from '../../../core/contract/reports.ts';
import { AppError } from '../../../core/errors.ts';
import { exitCodes } from '../command.ts';
import type { Command } from '../command.ts';
import { connectFlag, withWorkbench, type Workbench } from '../workbench.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'Writes a report of runs or of a study: HTML, PDF, Markdown, CSV or JSON.',
  details: [
    'html is one file that loads nothing from elsewhere; pdf is the same on paper and needs Chromium or Chrome here; md is a',
    'folder with README.md and vector pictures; csv has every point, one a line; json is described in docs/reports.md.',
  ],
  positionals: [
    { name: 'RUN', description: 'one or more runs, or one study: id, beginning of an id, or name', variadic: true },
  ],
  flags: [
    {
      name: 'format',
      kind: 'text',
      description: 'kind of report',
      choices: reportFormats,
      placeholder: 'FORMAT',
      defaultText: 'that of --out, else html',
    },
    {
      name: 'out',
      kind: 'text',
      placeholder: 'PATH',
      description: 'file, or folder for md (default report.FORMAT here)',
    },
    { name: 'overwrite', kind: 'switch', description: 'replace what is there' },
    { name: 'title', kind: 'text', placeholder: 'TEXT', description: 'title (default the name of what it is about)' },
    { name: 'notes', kind: 'text', placeholder: 'FILE', description: 'a Markdown file whose text is put first' },
    {
      name: 'without',
      kind: 'text',
      placeholder: 'SECTION',
      description: `a section to leave out (${reportSections.join(', ')}); may be given several times`,
      choices: reportSections,
      repeatable: true,
    },
    connectFlag,
  ],
  examples: ['lp-workbench report 3f2a --out run.html', 'lp-workbench report 3f2a 77c1 --format pdf --out compare.pdf'],
  async run({ host, args, dataDir, isJson }) {
    const out = args.text('out');
    const format = (args.text('format') ?? formatOfName(out) ?? 'html') as ReportFormat;
    const target = path.resolve(out ?? (format === 'md' ? 'report' : `report.${format}`));
    const notesFile = args.text('notes');
    const notes = notesFile === undefined ? '' : await readNotes(notesFile);
    const left = args.texts('without') as ReportSection[];
    const title = args.text('title');
    const written = await withWorkbench(host, dataDir, { connect: args.text('connect') }, async (workbench) =>
      workbench.reports.create({
        subject: await subjectOf(workbench, args.positionals),
        options: {
          notes,
          sections: reportSections.filter((section) => !left.includes(section)),
          ...(title === undefined ? {} : { title }),
        },
        format,
        path: target,
        overwrite: args.isOn('overwrite'),
      }),
    );
    for (const note of written.notes) host.err(`Note: ${note}\n`);
    host.out(isJson ? `${JSON.stringify(written)}\n` : `The report is in ${written.path}.\n`);
    return exitCodes.done;
  },
};

function formatOfName(file: string | undefined): ReportFormat | undefined {
  const ending = file === undefined ? '' : path.extname(file).slice(1).toLowerCase();
  return reportFormats.find((format) => format === ending || (format === 'html' && ending === 'htm'));
}

async function readNotes(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new AppError('fileUnreadable', `The notes in ${file} cannot be read: ${(error as Error).message}`, {
      details: { path: file },
      cause: error,
    });
  }
}

async function subjectOf({ runs, studies }: Workbench, names: readonly string[]): Promise<ReportSubject> {
  const [first = ''] = names;
  if (names.length === 1) {
    try {
      return { runIds: [(await runs.find({ text: first })).id] };
    } catch (error) {
      const study = await studies.find({ text: first }).catch(() => null);
      if (study) return { studyId: study.id };
      throw error;
    }
  }
  const found = [];
  for (const text of names) found.push((await runs.find({ text })).id);
  return { runIds: found };
}
