import { assignment } from './assignment.js';
import { balance } from './balance.js';
import { broadcast } from './broadcast.js';
import { causality } from './causality.js';
import { consensus } from './consensus.js';
import { dispatch } from './dispatch.js';
import { footprint } from './footprint.js';
import { gather } from './gather.js';
import { gossip } from './gossip.js';
import { growth } from './growth.js';
import { intelligence } from './intelligence.js';
import { learning } from './learning.js';
import { memory } from './memory.js';
import { multiplexer } from './multiplexer.js';
import { pick } from './pick.js';
import { quality } from './quality.js';
import { type Section } from './section.js';

/** All, in the order in which they are listed; those that share a stack run before those that have their own. */
export const sections: readonly Section[] = [
  pick,
  balance,
  assignment,
  footprint,
  dispatch,
  broadcast,
  gather,
  quality,
  intelligence,
  learning,
  memory,
  multiplexer,
  growth,
  consensus,
  causality,
  gossip,
];
