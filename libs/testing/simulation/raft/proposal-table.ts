import { assert } from '@nexus/core/invariant';
import { type Proposal } from '@nexus/core/replicated-state';
import { type Trace } from '../trace.js';

/** Turns proposals into the bytes of commands and back: the bytes are a number in this table, which costs nothing. */
export class ProposalTable {
  private readonly proposals: Proposal[] = [];

  /** @param trace has the bytes of each entry, and learns here what they stand for */
  constructor(private readonly trace: Trace) {}

  encode(proposal: Proposal): Uint8Array {
    this.trace.value(proposal);
    const number = this.proposals.push(proposal) - 1;
    return new Uint8Array([number & 255, (number >> 8) & 255, (number >> 16) & 255, number >> 24]);
  }

  decode([a = 0, b = 0, c = 0, d = 0]: Uint8Array): Proposal {
    const proposal = this.proposals[a | (b << 8) | (c << 16) | (d << 24)];
    assert(proposal !== undefined, 'every command in a log was proposed');
    return proposal;
  }
}
