import { type Configuration, type Entry, type MemberId, type Snapshot } from '@nexus/core/raft';
import { hold } from '../../violation.js';
import { type MemberRecord } from '../member-record.js';
import { hasQuorum, leads, type Stepped } from './stepped.js';

/** The one sequence of committed entries, of which every member's is a prefix (Raft, §5.4). */
export class Commits {
  /** By index; at 1 the group was formed. */
  private readonly terms: number[] = [0, 1];
  private readonly distinct = new Set<number>();
  private readonly configurations: { readonly index: number; readonly configuration: Configuration }[];

  constructor(
    private readonly records: ReadonlyMap<MemberId, MemberRecord>,
    initial: Configuration,
  ) {
    this.configurations = [{ index: 1, configuration: initial }];
  }

  get lastIndex(): number {
    return this.terms.length - 1;
  }

  /** The latest that is committed. */
  get configuration(): Configuration {
    return this.configurations.at(-1)!.configuration;
  }

  termAt(index: number): number {
    return this.terms[index] ?? NaN;
  }

  /** Whether an entry of that term is committed. */
  hasTerm(term: number): boolean {
    return this.distinct.has(term);
  }

  stepped(step: Stepped): void {
    const { record, effects } = step;
    const before = this.lastIndex;
    if (effects.restore) this.restores(record, effects.restore);
    for (const entry of effects.committed) this.take(record, entry);
    if (this.lastIndex > before) this.judge(step);
    if (effects.write?.snapshot) this.snapshots(record, effects.write.snapshot);
  }

  private snapshots({ id }: MemberRecord, { index, configuration }: Snapshot): void {
    const committed = this.configurations.findLast((inForce) => inForce.index <= index)?.configuration;
    hold(
      index <= this.lastIndex && JSON.stringify(committed) === JSON.stringify(configuration),
      'a snapshot carries the membership that is committed',
      () => `${id} has ${JSON.stringify(configuration)} in one at ${index}, not ${JSON.stringify(committed)}`,
    );
  }

  private restores({ id }: MemberRecord, { index, term }: { index: number; term: number }): void {
    hold(
      index <= this.lastIndex && term === this.termAt(index),
      'a snapshot holds only what is committed',
      () => `${id} restores one of entry ${index}, term ${term}`,
    );
  }

  private take({ id }: MemberRecord, entry: Entry): void {
    const { index, term } = entry;
    if (index <= this.lastIndex) {
      hold(
        term === this.termAt(index),
        'all members commit the same entries',
        () => `${id} has term ${term} at entry ${index}, others have ${this.termAt(index)}`,
      );
      return;
    }
    hold(
      index === this.lastIndex + 1,
      'entries are committed in order',
      () => `${id} commits entry ${index} after ${this.lastIndex}`,
    );
    this.terms.push(term);
    this.distinct.add(term);
    if (entry.kind === 'configuration') this.configurations.push(entry);
  }

  /** Only a leader commits what nobody knew to be committed: by counting who has it durably, in its own term. */
  private judge({ record, before, after, configurations }: Stepped): void {
    const index = this.lastIndex;
    const term = this.termAt(index);
    const leaderTerms = [before, after].filter(leads).map((standing) => standing.term);
    hold(leaderTerms.length > 0, 'only a leader commits first', () => `${record.id} commits entry ${index}`);
    hold(
      leaderTerms.includes(term),
      'a leader commits by counting only in its own term',
      () => `${record.id} leads term ${leaderTerms.join()} and commits entry ${index} of term ${term}`,
    );
    hold(
      hasQuorum(configurations, (voter) => this.isDurable(voter, index, term)),
      'what is committed is durable at a majority',
      () => `${record.id} commits entry ${index} of term ${term}, which is not`,
    );
  }

  private isDurable(member: MemberId, index: number, term: number): boolean {
    const durable = this.records.get(member)?.durable;
    return durable !== undefined && (durable.snapshot.index > index || durable.termAt(index) === term);
  }
}
