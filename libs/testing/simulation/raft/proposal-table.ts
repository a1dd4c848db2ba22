import { type Proposal } from '@nexus/core/replicated-state';
import { assert } from '@nexus/core/invariant';

/** Turns proposals into the bytes of commands and back: the bytes are a number in this table, which costs nothing. */
export class ProposalTable {
  private readonly proposals: Proposal[] = [];

  encode(proposal: Proposal): Uint8Array {
    const number = this.proposals.push(proposal) - 1;
    return new Uint8Array([number & 255, (number >> 8) & 255, (number >> 16) & 255, number >> 24]);
  }

  decode([a = 0, b = 0, c = 0, d = 0]: Uint8Array): Proposal {
    const proposal = this.proposals[a | (b << 8) | (c << 16) | (d << 24)];
    assert(proposal !== undefined, 'every command in a log was proposed');
    return proposal;
  }
}
