import { type Mutant } from '../mutant.js';

/** Whom to believe, whom to tell, and how much. */
export const edgeMutants: readonly Mutant[] = [
  {
    name: 'leaf believed about the life of others',
    why: 'Any agent can bring down any service.',
    file: 'libs/core/gossip/hearsay.ts',
    find: "if (source.fromKind === 'leaf' && !firstHand) return this.heed(entry, source);",
    replace: '',
  },
  {
    name: 'leaf believed about the keys of others',
    why: 'Any agent can write for any service.',
    file: 'libs/core/gossip/delta.ts',
    find: "if (source.fromKind === 'leaf' && delta.id !== source.from) {",
    replace: "if (delta.id === '') {",
  },
  {
    name: 'own state written by others',
    why: 'Who owns a key is not who writes it.',
    file: 'libs/core/gossip/delta.ts',
    find: 'if (delta.id === membership.self.id) {',
    replace: "if (delta.id === '') {",
  },
  {
    name: 'life in the far future believed',
    why: 'A member can never be heard again under its true generation.',
    file: 'libs/core/gossip/plausible.ts',
    find: 'isCount(generation) && generation <= wallMs + this.options.generationAheadMsMax',
    replace: 'isCount(generation) && wallMs > 0',
  },
  {
    name: 'message of another deployment taken',
    why: 'Two deployments on one broker become one.',
    file: 'libs/core/gossip/gossip-member.ts',
    find: 'if (message.cluster !== this.options.cluster) {',
    replace: "if (message.cluster === '') {",
  },
  {
    name: 'budget of a round not spent',
    why: 'A large cluster drowns its network.',
    file: 'libs/core/gossip/outbox.ts',
    find: 'this.budget.spend(bytes);',
    replace: '',
  },
  {
    name: 'message as large as it gets',
    why: 'The broker refuses it, and closes the connection.',
    file: 'libs/core/gossip/room.ts',
    find: 'if (bytes > this.free) return false;',
    replace: '',
  },
  {
    name: 'fan-out of nobody',
    why: 'Members hear of each other by chance.',
    file: 'libs/core/gossip/fan-out.ts',
    find: 'Math.max(1, Math.ceil(Math.log2(members)))',
    replace: '0 * members',
  },
  {
    name: 'leaf gossips with leaves',
    why: 'Agents speak to agents, where relays alone are believed.',
    file: 'libs/core/gossip/membership.ts',
    find: "return state !== this.self && (this.self.kind === 'relay' || state.kind === 'relay');",
    replace: 'return state !== this.self;',
  },
  {
    name: 'seeds never asked again',
    why: 'Islands that forgot each other stay apart.',
    file: 'libs/core/gossip/rounds.ts',
    find: "if (reachable.size === 0 || random() * Math.min(seedRoundsMost, liveCount) < 1) others.push('seed');",
    replace: "if (reachable.size === 0) others.push('seed');",
  },
  {
    name: 'acknowledgement without what was asked for',
    why: 'What the one that asked knows better is never told.',
    file: 'libs/core/gossip/exchange.ts',
    find: '    this.merge(synAck.deltas, source);\n',
    replace: '',
  },
];
