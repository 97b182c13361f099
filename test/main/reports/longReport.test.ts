import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, it } from 'vitest';
import type { ReportData } from '../../../src/core/reports/reportData.ts';
import { openTestApp, smallRun, temporaryFolders } from '../services/testApp.ts';
import { lengthen } from './longRun.ts';

const folders = temporaryFolders();
afterAll(folders.remove);
const mostBytes = 5_000_000;

it(
  'the report of a run of a million points is small, and finds the one best of them',
  { timeout: 180_000 },
  async () => {
    const dataDir = folders.create();
    const first = openTestApp(dataDir);
    const run = await first.untilStatus(await first.train(smallRun(), 'long'), 'completed', 'failed');
    await first.app.close();
    await lengthen(dataDir, run, 1_000_000);
    const { app } = openTestApp(dataDir);
    try {
      const subject = { runIds: [run.id] };
      const keys = await app.runs.metricKeys({ runId: run.id });
      expect(keys.reduce((sum, { points }) => sum + points, 0)).toBeGreaterThan(999_000);
      for (const format of ['html', 'json'] as const) {
        const file = path.join(dataDir, `long.${format}`);
        await app.reports.create({ subject, format, path: file });
        expect((await stat(file)).size).toBeLessThan(mostBytes);
      }
      const { runs } = JSON.parse(readFileSync(path.join(dataDir, 'long.json'), 'utf8')) as ReportData;
      const db = new Database(path.join(dataDir, 'lp-workbench.db'), { readonly: true });
      const least = db
        .prepare(
          `SELECT value, step FROM metrics JOIN metric_keys ON metric_keys.id = key_id
         WHERE key = 'validationLoss' ORDER BY value, step LIMIT 1`,
        )
        .get();
      db.close();
      expect(runs[0]!.best['validationLoss']).toStrictEqual(least);
    } finally {
      await app.close();
    }
  },
);
