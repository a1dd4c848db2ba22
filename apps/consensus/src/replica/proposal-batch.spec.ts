import { describe, expect, it } from '@jest/globals';
import { ProposalBatch } from './proposal-batch.js';

const proposal = (ticket: number) => ({ kind: 'propose', ticket, command: new Uint8Array(0) }) as const;

describe('ProposalBatch', () => {
  it('lets a proposal go at once while no write is under way', () => {
    const batch = new ProposalBatch();
    expect(batch.mayGo(true)).toBe(false);
    batch.add(proposal(1));
    expect(batch.mayGo(true)).toBe(true);
  });

  it('gathers what comes during a write that somebody waits for, and hands it out in order', () => {
    const batch = new ProposalBatch();
    batch.writing(1);
    batch.writing(2);
    for (const ticket of [1, 2, 3]) batch.add(proposal(ticket));
    expect(batch.mayGo(true)).toBe(false);
    batch.written(1);
    expect(batch.mayGo(true)).toBe(false);
    batch.written(2);
    expect(batch.mayGo(true)).toBe(true);
    expect(batch.take().map(({ ticket }) => ticket)).toEqual([1, 2, 3]);
    expect(batch.size).toBe(0);
  });

  it('keeps nobody waiting for a write that the others have made up for', () => {
    const batch = new ProposalBatch();
    batch.writing(1);
    batch.add(proposal(1));
    expect(batch.mayGo(false)).toBe(true);
  });
});
