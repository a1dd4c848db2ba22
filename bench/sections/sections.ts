import { assignment } from './assignment.js';
import { causality } from './causality.js';
import { consensus } from './consensus.js';
import { dispatch } from './dispatch.js';
import { fanOut } from './fan-out.js';
import { gossip } from './gossip.js';
import { memory } from './memory.js';
import { type Section } from './section.js';

/** All, in the order in which they run: fleets grow, memory gets a stack of its own, and those after it none. */
export const sections: readonly Section[] = [
  assignment,
  dispatch,
  fanOut,
  memory,
  consensus,
  causality,
  gossip,
];
