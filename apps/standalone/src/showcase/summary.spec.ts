import { describe, expect, it } from '@jest/globals';
import { renderSummary } from './summary.js';

const traceId = 'e1bb30472858cb799c84f81880020b2e';
const rows = [
  {
    ...{ ok: true, title: 'share out the hashing', finding: '494 files, each once, manifest identical' },
    ...{ agents: 12, layer: 'foundation' as const, durationMs: 5_900, traceId },
  },
  { ok: false, title: 'vote on the hash', finding: 'unavailable: nobody is there', durationMs: 12 },
];
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('renderSummary', () => {
  it('has a line a step where there is no terminal, or one that is wide enough', () => {
    for (const columns of [undefined, 200]) {
      const lines = renderSummary(rows, columns).split('\n');
      expect(lines).toHaveLength(1 + rows.length);
      expect(lines[1]).toMatch(/^✔ .* identical +12 +foundation +5\.9 s +e1bb30472858cb799c84f81880020b2e$/);
    }
  });

  it('puts outcome and trace below their row on a narrow terminal', () => {
    const text = renderSummary(rows, 80);
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(text).toContain(`\n   ${rows[0]?.finding}\n   trace ${traceId}\n`);
  });

  it('has a row also for a step that failed', () => {
    expect(renderSummary(rows, undefined)).toMatch(/^✘ +vote on the hash +unavailable: nobody is there/m);
    expect(renderSummary(rows, 80)).toMatch(/^✘ +vote on the hash .*\n {3}unavailable: nobody is there$/m);
  });
});
