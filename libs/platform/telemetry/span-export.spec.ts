import { describe, expect, it } from '@jest/globals';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { QuietExporter } from './span-export.js';

const failing: SpanExporter = {
  export: (_spans, done) => done({ code: ExportResultCode.FAILED, error: new Error('refused') }),
  forceFlush: () => Promise.reject(new Error('refused')),
  shutdown: () => Promise.reject(new Error('refused')),
};

describe('QuietExporter', () => {
  it('reports the first of many failures, and passes none on', async () => {
    const reports: string[] = [];
    const results: ExportResult[] = [];
    const exporter = new QuietExporter(failing, (reason) => reports.push(reason));
    for (let round = 0; round < 100; round += 1) exporter.export([], (result) => results.push(result));
    await exporter.forceFlush();
    await exporter.shutdown();
    expect(reports).toEqual(['refused']);
    expect(results.every(({ code }) => code === ExportResultCode.SUCCESS)).toBe(true);
    expect(results).toHaveLength(100);
  });
});
