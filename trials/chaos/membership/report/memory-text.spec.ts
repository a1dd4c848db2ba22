import { describe, expect, it } from '@jest/globals';
import { memoryText } from './memory-text.js';

const slope = (perMinute: number) => ({ perMinute, low: perMinute - 0.25, high: perMinute + 0.25 });

describe('the memory of a report', () => {
  it('shows each role with where its growth lies', () => {
    const own = { role: 'routing', resident: slope(2.5), held: slope(1.5) } as const;
    const text = memoryText({
      lives: [{ ...own, id: 'routing-1', minutes: 3, lastMegabytes: 80 }],
      roles: [{ ...own, lives: 1, medianMegabytes: 80 }],
    });
    expect(text).toMatch(
      /routing +1 +80 MB +2\.50 MB \(2\.25 to 2\.75\) +1\.50 MB \(1\.25 to 1\.75\) +the role, 1 /,
    );
    expect(text).toContain('0.5 MB a minute held');
  });

  it('shows no growth of RSS where nobody lasted long enough', () => {
    const own = { role: 'routing', resident: null, held: slope(0.1) } as const;
    const text = memoryText({
      lives: [{ ...own, id: 'routing-1', minutes: 2, lastMegabytes: 80 }],
      roles: [{ ...own, lives: 1, medianMegabytes: 80 }],
    });
    expect(text).toMatch(/routing +1 +80 MB +lived too short +0\.10 MB /);
  });

  it('says when there is nothing to show', () => {
    expect(memoryText({ lives: [], roles: [] })).toContain('no process lasted long enough');
  });
});
