import { type Effects, type Input, type Message, type Standing } from '@nexus/core/raft';
import { type MemberRecord } from './member-record.js';
import { type WorldContext } from './world-context.js';

interface TracedStep {
  readonly record: MemberRecord;
  readonly inputs: readonly Input[];
  readonly effects: Effects;
  readonly after: Standing;
}

/** A step in the trace: all of it in the hash, what is worth reading in the lines. */
export function traceStep({ trace, timeline, coverage }: WorldContext, step: TracedStep): void {
  const { record, inputs, effects, after } = step;
  trace.number(timeline.nowMs);
  trace.text(record.id);
  trace.value(after);
  trace.value(inputs);
  trace.value(effects);
  if (effects.write?.truncateFrom !== undefined) coverage.count('raft: truncations');
  if (effects.standing && after.role === 'leader') coverage.count('raft: elections won');
  if (effects.standing && after.role === 'candidate') coverage.count('raft: candidacies');
  trace.line(timeline.nowMs, () => stepLine(step));
}

function stepLine({ record, inputs, effects, after }: TracedStep): string {
  const heard = inputs.map((input) =>
    input.kind === 'message' ? `${messageText(input.message)} from ${input.from}` : inputText(input),
  );
  const sent = effects.messages.map(
    ({ to, message, afterWrite }) =>
      `${messageText(message)} to ${to}${afterWrite > 0 ? ` after write ${afterWrite}` : ''}`,
  );
  const { write, committed, restore, refused } = effects;
  const parts = [
    `${record.id} ${after.role} of term ${after.term}: ${heard.join(', ')}`,
    ...(write ? [`writes ${writeText(write)}`] : []),
    ...(sent.length > 0 ? [`sends ${sent.join(', ')}`] : []),
    ...(restore ? [`restores ${restore.index}`] : []),
    ...(committed.length > 0 ? [`commits up to ${committed.at(-1)!.index}`] : []),
    ...refused.map(({ reason }) => `refuses: ${reason}`),
    ...(effects.standing ? [`is now ${after.role}, leader ${after.leader ?? 'unknown'}`] : []),
  ];
  return parts.join(' | ');
}

function inputText(input: Input): string {
  if (input.kind === 'written') return `written ${input.sequence}`;
  if (input.kind === 'change') return `${input.change.kind} ${input.change.member}`;
  return input.kind;
}

function writeText({
  sequence,
  hardState,
  snapshot,
  compactTo,
  truncateFrom,
  append,
}: NonNullable<Effects['write']>): string {
  const parts = [
    ...(hardState
      ? [`term ${hardState.term} vote ${hardState.votedFor ?? '-'} commit ${hardState.commit}`]
      : []),
    ...(snapshot ? [`snapshot ${snapshot.index}`] : []),
    ...(compactTo === undefined ? [] : [`compact to ${compactTo}`]),
    ...(truncateFrom === undefined ? [] : [`truncate from ${truncateFrom}`]),
    ...append.map(({ index, term, kind }) => `+${index}/${term}${kind === 'command' ? '' : ` ${kind}`}`),
  ];
  return `${sequence} (${parts.join(', ')})`;
}

function messageText(message: Message): string {
  const fields = Object.entries(message).flatMap(([name, value]) => {
    if (name === 'kind') return [];
    if (name === 'entries') {
      const entries = value as readonly { index: number; term: number }[];
      return [`entries ${entries.map(({ index, term }) => `${index}/${term}`).join(' ') || 'none'}`];
    }
    if (value instanceof Uint8Array) return [`${value.length} bytes`];
    return [`${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`];
  });
  return `${message.kind}(${fields.join(', ')})`;
}
