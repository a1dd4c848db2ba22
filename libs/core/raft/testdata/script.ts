import { assert } from '@nexus/core/invariant';
import { type MembershipChange } from '../configuration.js';
import { Group, id } from './group.js';

// Scenarios are texts: a verb a line, `#` begins a comment. `expect` says what is the case; the rest makes it happen.

type Verb = (group: Group, words: readonly string[]) => void;

/** What a scenario claims about a member, and what is the case. */
type Question = (group: Group, name: string) => string;

/** `expect <member> <question> <answer>`; the answer is compared as text, `-` stands for nothing. */
const questions: Readonly<Record<string, Question>> = {
  role: (group, name) => group.node(name).raft.standing.role,
  term: (group, name) => String(group.node(name).raft.standing.term),
  leader: (group, name) => group.node(name).raft.standing.leader ?? '',
  applied: (group, name) => group.node(name).commands.join(' '),
  commit: (group, name) => String(group.node(name).raft.status.commit),
  last: (group, name) => String(group.node(name).raft.status.lastIndex),
  snapshot: (group, name) => String(group.node(name).raft.status.snapshotIndex),
  voters: (group, name) => group.node(name).raft.configuration.voters.join(' '),
  learners: (group, name) => group.node(name).raft.configuration.learners.join(' '),
  readable: (group, name) => String(group.node(name).effects.flatMap(({ readable }) => readable).length),
  refused: (group, name) =>
    group
      .node(name)
      .effects.flatMap(({ refused }) => refused)
      .at(-1)?.reason ?? '',
};

const verbs: Readonly<Record<string, Verb>> = {
  elect: (group, [name = '']) => group.elect(name),
  'wait-for-leader': (group) => group.runUntil(() => group.leaders.length > 0),
  propose: (group, [name = '', ...commands]) => commands.forEach((command) => group.propose(name, command)),
  read: (group, [name = '']) => group.ask(name, { kind: 'read' }),
  deliver: (group) => group.deliver(),
  ticks: (group, [count]) => group.run(Number(count)),
  partition: (group, words) =>
    group.partition(
      ...words
        .join(' ')
        .split('|')
        .map((part) => part.trim().split(' ')),
    ),
  heal: (group) => group.heal(),
  crash: (group, names) => names.forEach((name) => group.node(name).crash()),
  restart: (group, names) => names.forEach((name) => group.node(name).restart()),
  'disk-hangs': (group, [name = '']) => (group.node(name).stalled = true),
  'disk-works': (group, [name = '']) => group.flush(name),
  compact: (group, [name = '', index]) =>
    group.step(name, { kind: 'compact', index: Number(index), image: new Uint8Array(10) }),
  newcomer: (group, [name = '']) => group.add(id(name), null),
  change: (group, [name = '', kind, member = '']) => {
    const change = { kind: kind as MembershipChange['kind'], member: id(member) };
    group.ask(name, { kind: 'change', change });
  },
  transfer: (group, [name = '', to = '']) => group.ask(name, { kind: 'transfer', to: id(to) }),
  expect: (group, [name = '', question = '', ...answer]) => {
    const ask = questions[question];
    assert(ask, `there is a question "${question}"`);
    const expected = answer.join(' ') === '-' ? '' : answer.join(' ');
    const found = ask(group, name);
    assert(found === expected, `${name} ${question}: expected "${expected}", found "${found}"`);
  },
};

/** Plays a scenario; the first line is `cluster <voters>`. A line that fails is named. */
export function play(text: string): void {
  let group: Group | null = null;
  for (const [at, line] of text.split('\n').entries()) {
    const [verb, ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!verb) continue;
    try {
      if (verb === 'cluster') {
        group = new Group({ voters: Number(words[0]) });
        continue;
      }
      const act = verbs[verb];
      assert(act, `there is a verb "${verb}"`);
      assert(group, 'a scenario begins with its cluster');
      act(group, words);
    } catch (cause) {
      throw new Error(`line ${at + 1}, "${line.trim()}": ${String(cause)}`, { cause });
    }
  }
}
