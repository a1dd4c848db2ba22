import { type Mutant } from '../mutant.js';

/** What is known of others: per origin, in the order of versions, of the latest life (van Renesse et al. 2008). */
export const stateMutants: readonly Mutant[] = [
  {
    name: 'no comparison of generations',
    why: 'An earlier life replaces a later one.',
    file: 'libs/core/gossip/hearsay.ts',
    find: 'if (entry.generation > known.generation) this.beginLife',
    replace: 'if (entry.generation !== known.generation) this.beginLife',
  },
  {
    name: 'keys of an earlier life kept',
    why: 'Two lives of one member stand side by side.',
    file: 'libs/core/gossip/hearsay.ts',
    find: '    state.forgetKeys();\n    membership.update(state, { ...entry',
    replace: '    membership.update(state, { ...entry',
  },
  {
    name: 'version taken over from an earlier life',
    why: 'A new life is believed to be as far as it says, though nothing of it is known.',
    file: 'libs/core/gossip/hearsay.ts',
    find: 'membership.update(state, { ...entry, maxVersion: 0, collectedVersion: 0 });',
    replace: 'membership.update(state, entry);',
  },
  {
    name: 'versions believed from a digest',
    why: 'Changes are believed known that never came.',
    file: 'libs/core/gossip/hearsay.ts',
    find: 'entry.maxVersion === maxVersion &&\n      entry.collectedVersion === collectedVersion &&',
    replace: 'entry.maxVersion >= maxVersion &&\n      entry.collectedVersion >= collectedVersion &&',
  },
  {
    name: 'gap accepted',
    why: 'What lies between is never asked for again.',
    file: 'libs/core/gossip/delta.ts',
    find: 'delta.fromVersion > maxVersion || ',
    replace: '',
  },
  {
    name: 'delta cut with holes',
    why: 'A small change takes the place of a larger one before it.',
    file: 'libs/core/gossip/delta.ts',
    find: 'if (!room.take(changeBytes(change))) break;',
    replace: 'if (!room.take(changeBytes(change))) continue;',
  },
  {
    name: 'changes told newest first',
    why: 'Of a delta that is cut the oldest changes are lost.',
    file: 'libs/core/gossip/delta.ts',
    find: 'for (const change of state.changesAfter(beginning.fromVersion)) {',
    replace: 'for (const change of [...state.changesAfter(beginning.fromVersion)].slice(-1)) {',
  },
  {
    name: 'tombstone dropped at once',
    why: 'A removed key stays with all others.',
    file: 'libs/core/gossip/owner.ts',
    find: 'this.tombstones.push({ version, round: this.membership.round });',
    replace: 'this.membership.self.collect(version);',
  },
  {
    name: 'collection without a watermark',
    why: 'Who missed a tombstone keeps the key for ever.',
    file: 'libs/core/gossip/owner.ts',
    find: '    self.collect(collected.version);\n    this.membership.update(self, { ...self.entry, collectedVersion: collected.version });',
    replace: '    self.collect(collected.version);',
  },
  {
    name: 'reset that forgets nothing',
    why: 'Who missed collected tombstones keeps the keys.',
    file: 'libs/core/gossip/delta.ts',
    find: '    state.forgetKeys();\n    membership.update(state, { ...state.entry, maxVersion: 0, collectedVersion: delta.collectedVersion });\n    this.append(state, delta, source);',
    replace:
      '    membership.update(state, { ...state.entry, collectedVersion: delta.collectedVersion });\n    this.append(state, delta, source);',
  },
  {
    name: 'no reset for who missed tombstones',
    why: 'What was removed while somebody was away stays with it.',
    file: 'libs/core/gossip/delta.ts',
    find: 'if (entry.collectedVersion > Math.max(known, collected)) return { fromVersion: 0, reset: true };',
    replace:
      'if (entry.collectedVersion > Math.max(known, collected)) return { fromVersion: known, reset: false };',
  },
  {
    name: 'refutation with the same generation',
    why: 'Two lives go by one generation.',
    file: 'libs/core/gossip/owner.ts',
    find: 'const next = generation + 1;',
    replace: 'const next = generation;',
  },
  {
    name: 'later life of oneself ignored',
    why: 'Whose clock was set back before its restart is never heard again.',
    file: 'libs/core/gossip/hearsay.ts',
    find: "if (generation > ours.generation && source.fromKind === 'relay') owner.refute(generation, source.wallMs);",
    replace: '',
  },
];
