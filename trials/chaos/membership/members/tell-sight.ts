// Loaded into every member before its entry point: tells the trial what the process believes of the others. It looks at
// the membership that the process itself works with, not at what it answers when asked.
import { subscribe } from 'node:diagnostics_channel';
import { type MeshMember } from '@nexus/mesh';
import { type Seen, tell } from './news.js';

/** Beside what the membership tells by itself. */
const lookEveryMs = 1_000;
/** Changes come in crowds: one look for all of them costs the process less than one each. */
const gatherChangesMs = 20;
const figuresEveryMs = 2_000;

// By its name and not from the module: the programs of services have a module of their own.
subscribe('nexus.mesh.member_started', (member) => watch(member as MeshMember));

function watch(member: MeshMember): void {
  const told = new Map<string, Seen>();
  const look = () => {
    const now = new Map(member.members().map((each) => [String(each.memberId), each]));
    const self = now.get(member.id);
    now.delete(member.id);
    const news: Seen[] = [];
    for (const [id, { status, generation }] of now) {
      const before = told.get(id);
      if (before?.[1] !== status || before[2] !== generation) news.push([id, status, generation]);
    }
    for (const [id, , generation] of told.values()) {
      if (!now.has(id)) news.push([id, 'unknown', generation]);
    }
    for (const seen of news) {
      if (seen[1] === 'unknown') told.delete(seen[0]);
      else told.set(seen[0], seen);
    }
    return { news, generation: self?.generation ?? 0 };
  };
  const report = (always: boolean) => {
    const { news, generation } = look();
    if (always || news.length > 0) tell({ kind: 'sight', atMs: Date.now(), generation, seen: news });
  };
  report(true);
  let due: NodeJS.Timeout | undefined;
  member.on(({ kind }) => {
    if (kind === 'key' || due !== undefined) return;
    due = setTimeout(() => {
      due = undefined;
      report(false);
    }, gatherChangesMs);
  });
  setInterval(() => report(false), lookEveryMs).unref();
  setInterval(() => {
    const { converged } = member.convergence();
    tell({ kind: 'figures', atMs: Date.now(), converged, stats: member.stats() });
  }, figuresEveryMs).unref();
}
