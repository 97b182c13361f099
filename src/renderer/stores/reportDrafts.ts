import { defineStore } from 'pinia';
import { reactive } from 'vue';
import { reportOptionsSchema, type ReportOptions } from '../../core/contract/reports.ts';

const mostDrafts = 50;

/** What was written and chosen for reports in this window, so that looking at a run in between loses nothing. */
export const useReportDraftsStore = defineStore('reportDrafts', () => {
  const drafts = new Map<string, ReportOptions>();

  /** The draft of a report, named by what it is about; the oldest is given up for a new one. */
  function draftOf(subject: string): ReportOptions {
    const known = drafts.get(subject);
    if (known) return known;
    const draft = reactive(reportOptionsSchema.parse({}));
    drafts.set(subject, draft);
    if (drafts.size > mostDrafts) drafts.delete(drafts.keys().next().value!);
    return draft;
  }
  return { draftOf };
});
