import { type Mutant } from '../mutant.js';

/** The state machine: once and not twice, by the log's clock (dissertation, §6.3). */
export const stateMutants: readonly Mutant[] = [
  {
    name: 'retry applied twice',
    why: 'A proposal whose answer was lost takes effect again.',
    file: 'libs/core/replicated-state/state.ts',
    find: 'const retried = session?.recall(seq);',
    replace: 'const retried = seq < 0 ? session?.recall(seq) : undefined;',
  },
  {
    name: 'sessions left out of the snapshot',
    why: 'After a snapshot a retry is taken for something new.',
    file: 'libs/core/replicated-state/state.ts',
    find: 'sessions: this.sessions.image(),',
    replace: 'sessions: [],',
  },
  {
    name: 'forgotten session opened anew',
    why: 'A retry of a session that was forgotten takes effect again.',
    file: 'libs/core/replicated-state/sessions.ts',
    find: 'if (openedAtIndex < this.forgotten) return undefined;',
    replace: '',
  },
  {
    name: 'settled request applied',
    why: 'A copy that comes late is applied after its answer was dropped.',
    file: 'libs/core/replicated-state/sessions.ts',
    find: 'if (seq < session.settledBelow)',
    replace: 'if (seq < 0)',
  },
  {
    name: 'clock of the log goes back',
    why: 'A lease that ended is held again.',
    file: 'libs/core/replicated-state/state.ts',
    find: 'if (stampMs > this.clock && ',
    replace: 'if (',
  },
  {
    name: 'log clock not caught up',
    why: 'A new leader stamps earlier than its predecessor did: what is due waits for longer than it was given.',
    file: 'libs/core/replicated-state/log-clock.ts',
    find: 'if (clockMs > this.stampMs) this.begin(clockMs);',
    replace: 'if (clockMs < 0) this.begin(clockMs);',
  },
  {
    name: 'lease given while it is held',
    why: 'Two holders at a time.',
    file: 'libs/core/replicated-state/leases.ts',
    find: 'if (held !== undefined && held.owner !== owner)',
    replace: 'if (held !== undefined && held.owner === undefined)',
  },
  {
    name: 'fencing token given twice',
    why: 'A holder that was paused acts with a token that its successor has as well.',
    file: 'libs/core/replicated-state/fencing-tokens.ts',
    find: 'this.lastToken = Math.max(index, this.lastToken + 1);',
    replace: 'this.lastToken = Math.max(1, Math.floor(index / 20));',
  },
  {
    name: 'compare-and-set without the comparison',
    why: 'A concurrent write is lost.',
    file: 'libs/core/replicated-state/keys.ts',
    find: "if (expectedVersion !== undefined && expectedVersion !== version)\n      return refused(turn, 'conflict', `the version is ${version}`, { path: at });\n    if (record?.decided)",
    replace: 'if (record?.decided)',
  },
  {
    name: 'decision overwritten',
    why: 'The second decision wins.',
    file: 'libs/core/replicated-state/keys.ts',
    find: 'if (!record?.decided) {',
    replace: 'if (record !== null) {',
  },
];
