import { createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  reportsContract,
  reportTemplateSchema,
  type ReportFormat,
  type ReportOptions,
  type ReportsService,
  type ReportSubject,
  type ReportTemplate,
} from '../../core/contract/reports.ts';
import type { WorkbenchServices } from '../../core/contract/workbench.ts';
import { AppError } from '../../core/errors.ts';
import { paperTheme } from '../../core/plots/svg.ts';
import { reportFigure, worstPicture, type ReportFigure } from '../../core/reports/reportFigures.ts';
import type { ReportData } from '../../core/reports/reportData.ts';
import type { collectReport } from '../reports/collectReport.ts';
import type { reportJson } from '../reports/reportJson.ts';
import type { renderHtml } from '../reports/renderHtml.ts';
import type { renderMarkdown } from '../reports/renderMarkdown.ts';
import type { SamplePictures, samplePictures } from '../reports/samplePictures.ts';
import type { tidyCsv } from '../reports/tidyCsv.ts';
import type { SettingStore } from '../storage/settingStore.ts';
import { implementContract } from './implementContract.ts';
import { refuseToReplace } from './refuseToReplace.ts';

/** Makes a PDF file of a page. Rejects with `notFound` where nothing can print. */
export type PrintPdf = (html: string, file: string) => Promise<void>;

export interface ReportsServiceOptions {
  services: Pick<WorkbenchServices, 'runs' | 'results' | 'studies' | 'datasets'>;
  collect: typeof collectReport;
  renderHtml: typeof renderHtml;
  renderMarkdown: typeof renderMarkdown;
  reportJson: typeof reportJson;
  samplePictures: typeof samplePictures;
  tidyCsv: typeof tidyCsv;
  printPdf: PrintPdf;
  store: SettingStore;
  nowMs: () => number;
  softwareVersion: string;
  explain: (error: unknown, place: string) => unknown;
}

const templatePrefix = 'reportTemplate:';
const maxTemplates = 200;

export function createReportsService(options: ReportsServiceOptions): ReportsService {
  const { services, store } = options;

  const gather = async (subject: ReportSubject, chosen: ReportOptions): Promise<ReportData> => {
    const study = 'studyId' in subject ? await services.studies.get({ studyId: subject.studyId }) : null;
    const ids =
      'runIds' in subject
        ? [...new Set(subject.runIds)]
        : study!.runs.flatMap(({ runId }) => (runId === null ? [] : [runId]));
    const runs = [];
    for (const runId of ids) runs.push(await services.runs.get({ runId }));
    return options.collect(options, runs, study, chosen);
  };
  const picturesOf = async (data: ReportData, chosen: ReportOptions): Promise<SamplePictures> => {
    const pictures = new Map<string, Map<number, Uint8Array>>();
    if (!chosen.sections.includes('worst')) return pictures;
    for (const evaluation of data.evaluations) {
      pictures.set(evaluation.runId, await options.samplePictures(evaluation));
    }
    return pictures;
  };
  const html = async (data: ReportData, chosen: ReportOptions): Promise<string> =>
    options.renderHtml(data, chosen, await picturesOf(data, chosen));

  const write = async (
    data: ReportData,
    chosen: ReportOptions,
    format: ReportFormat,
    target: string,
  ): Promise<void> => {
    switch (format) {
      case 'html':
        return writeFile(target, await html(data, chosen), { flag: 'wx' });
      case 'pdf':
        return options.printPdf(await html(data, chosen), target);
      case 'json':
        return pipeline(Readable.from(options.reportJson(data)), createWriteStream(target, { flags: 'wx' }));
      case 'csv':
        return pipeline(
          Readable.from(options.tidyCsv(services.runs, data.runs)),
          createWriteStream(target, { flags: 'wx' }),
        );
      case 'md': {
        const figures: ReportFigure[] = [];
        await mkdir(target);
        for (const [i, curve] of data.curves.entries()) {
          const figure = reportFigure(curve, i, data.x, paperTheme);
          await writeFile(path.join(target, `${figure.name}.svg`), `${figure.svg}\n`);
          figures.push(figure);
        }
        const pictures = await picturesOf(data, chosen);
        for (const [i, { runId }] of data.evaluations.entries()) {
          for (const [row, png] of pictures.get(runId) ?? [])
            await writeFile(path.join(target, worstPicture(i, row)), png);
        }
        await writeFile(path.join(target, 'README.md'), options.renderMarkdown(data, chosen, figures, pictures));
      }
    }
  };

  const create = async (
    subject: ReportSubject,
    chosen: ReportOptions,
    format: ReportFormat,
    target: string,
    overwrite: boolean,
  ) => {
    const place = path.resolve(target);
    await refuseToReplace(place, overwrite);
    const there = await lstat(place).catch(() => null);
    // only what a report made is replaced, never a folder of other things
    if (there?.isDirectory() && !(format === 'md' && (await isReportFolder(place)))) {
      throw new AppError('conflict', `${place} is a folder with other things in it; choose another name.`, {
        details: { path: place },
      });
    }
    const data = await gather(subject, chosen);
    const partial = `${place}.${process.pid}.partial`;
    try {
      await mkdir(path.dirname(place), { recursive: true });
      await rm(partial, { recursive: true, force: true });
      await write(data, chosen, format, partial);
      if (there?.isDirectory()) await rm(place, { recursive: true });
      await rename(partial, place);
    } catch (error) {
      await rm(partial, { recursive: true, force: true }).catch(() => undefined);
      throw options.explain(error, place);
    }
    return { path: place, bytes: await sizeOf(place), notes: data.omissions };
  };

  const templates = (): ReportTemplate[] =>
    Object.entries(store.all()).flatMap(([key, value]) => {
      const template = key.startsWith(templatePrefix) ? reportTemplateSchema.safeParse(value) : undefined;
      return template?.success ? [template.data] : [];
    });

  return implementContract(reportsContract, {
    async preview({ subject, options: chosen }) {
      const data = await gather(subject, chosen);
      return { html: await html(data, chosen), notes: data.omissions };
    },
    create: ({ subject, options: chosen, format, path: target, overwrite }) =>
      create(subject, chosen, format, target, overwrite),
    templates: () => templates().toSorted((a, b) => a.name.localeCompare(b.name)),
    saveTemplate(template) {
      if (store.get(templatePrefix + template.name) === undefined && templates().length >= maxTemplates) {
        throw new AppError('conflict', `There are ${maxTemplates} templates already; remove one first.`);
      }
      store.set(templatePrefix + template.name, template);
      return template;
    },
    removeTemplate({ name }) {
      if (store.get(templatePrefix + name) === undefined) {
        throw new AppError('notFound', `There is no template "${name}".`);
      }
      store.remove(templatePrefix + name);
      return {};
    },
  });
}

async function isReportFolder(dir: string): Promise<boolean> {
  const names = await readdir(dir);
  return (
    names.length === 0 ||
    (names.includes('README.md') && names.every((name) => /^README\.md$|\.svg$|^worst-\d+-\d+\.png$/.test(name)))
  );
}

async function sizeOf(place: string): Promise<number> {
  const facts = await stat(place);
  if (!facts.isDirectory()) return facts.size;
  const sizes = await Promise.all(
    (await readdir(place)).map(async (name) => (await stat(path.join(place, name))).size),
  );
  return sizes.reduce((a, b) => a + b, 0);
}
