import { type Mutant } from '../mutant.js';

/** What is stamped, told and kept. */
export const sendingMutants: readonly Mutant[] = [
  {
    name: 'sequence moved by a targeted send',
    why: 'All others wait for what was never theirs.',
    file: 'libs/core/causality/sender.ts',
    find: '    return { sender: this.options.self, broadcast: undefined, after: this.frontiers };',
    replace:
      '    for (const [channel, sequence] of this.sequences) this.sequences.set(channel, sequence + 1);\n    return { sender: this.options.self, broadcast: undefined, after: this.frontiers };',
  },
  {
    name: 'sequence that stands still',
    why: 'Every broadcast has the same place.',
    file: 'libs/core/causality/sender.ts',
    find: '    this.sequences.set(channel, sequence);\n',
    replace: '    this.sequences.set(channel, before);\n',
  },
  {
    name: 'own broadcasts not remembered',
    why: 'On two channels they come in any order.',
    file: 'libs/core/causality/sender.ts',
    find: '    seen.sent(self, sequence, nowMs);\n',
    replace: '',
  },
  {
    name: 'others not listened to',
    why: 'What was seen leaves no trace in what is sent.',
    file: 'libs/core/causality/sender.ts',
    find: 'return isOwnWord ? seen.said(sender, sequence, nowMs) : seen.heard(sender, sequence, nowMs);',
    replace: 'return isOwnWord ? seen.said(sender, sequence, nowMs) : undefined;',
  },
  {
    name: 'own counter believed from others',
    why: 'Who is told that it sent more says so to everybody.',
    file: 'libs/core/causality/sender.ts',
    find: "if (sender === this.options.self) return sequence > this.sequence(channel) ? 'beyond_issued' : undefined;",
    replace: '',
  },
  {
    name: 'stamp without what was seen',
    why: 'Broadcasts are ordered by sender alone.',
    file: 'libs/core/causality/sender.ts',
    find: 'return { sender: self, broadcast: { channel, sequence }, after };',
    replace:
      'return { sender: self, broadcast: { channel, sequence }, after: before < 0 ? after : new Map() };',
  },
  {
    name: 'no beacon',
    why: 'A last broadcast that was lost is never missed.',
    file: 'libs/core/causality/beacons.ts',
    find: 'if (beacon.dueAtMs > nowMs) continue;',
    replace: 'if (beacon.dueAtMs > 0) continue;',
  },
  {
    name: 'stable without the silent',
    why: 'What a receiver has not confirmed is let go.',
    file: 'libs/core/causality/kept-channel.ts',
    find: 'this.frontiers.get(receiver)?.get(sender) ?? 0);',
    replace: 'this.frontiers.get(receiver)?.get(sender) ?? Infinity);',
  },
  {
    name: 'stable by the fastest',
    why: 'What the slowest lacks is let go.',
    file: 'libs/core/causality/kept-channel.ts',
    find: 'stable = Math.min(stable, this',
    replace: 'stable = Math.max(stable === Infinity ? 0 : stable, this',
  },
  {
    name: 'first of a range left out',
    why: 'The one that is missing is never in the answer.',
    file: 'libs/core/causality/kept-channel.ts',
    find: 'sequence >= from && sequence <= to',
    replace: 'sequence > from && sequence <= to',
  },
  {
    name: 'kept for no time',
    why: 'A repair finds nothing.',
    file: 'libs/core/causality/kept-channel.ts',
    find: 'if (kept.keptAtMs + this.bounds.ageMsMax > nowMs) return;',
    replace: 'if (kept.keptAtMs > nowMs) return;',
  },
  {
    name: 'newest let go first',
    why: 'The ring keeps what nobody asks for any more.',
    file: 'libs/core/causality/kept-channel.ts',
    find: '    for (const kept of this.ring) {\n      this.drop(kept);\n      return;\n    }\n',
    replace: '    const newest = [...this.ring].at(-1);\n    if (newest) this.drop(newest);\n',
  },
  {
    name: 'hearsay without a bound',
    why: 'Who speaks first of another says what it likes, and those who join begin beyond what there is.',
    file: 'libs/core/causality/seen-channel.ts',
    find: '    if (sequence > this.credibleMax(known)) return ',
    replace: '    if (known?.said !== undefined && sequence > this.credibleMax(known)) return ',
  },
];
