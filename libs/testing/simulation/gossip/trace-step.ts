import { type Input } from '@nexus/core/gossip';
import { type Stepped } from './stepped.js';
import { type GossipContext } from './world-context.js';

/** A step in the trace: all of it in the hash, what is worth reading in the lines. */
export function traceStep(
  { trace, timeline, coverage }: GossipContext,
  { observer, input, effects }: Stepped,
): void {
  trace.number(timeline.nowMs);
  trace.text(observer.id);
  trace.value(input);
  trace.value(effects);
  for (const change of effects.changes)
    coverage.count(`gossip: ${change.kind === 'gone' ? change.reason : change.kind}`);
  for (const { reason } of effects.refused) coverage.count(`refused: ${reason}`);
  for (const { message } of effects.messages)
    if (message.kind === 'leave') coverage.count('gossip: goodbyes');
  if (input.kind === 'vitals') return;
  trace.line(timeline.nowMs, () => {
    const parts = [
      `${observer.id} ${inputText(input)}`,
      ...effects.messages.map(({ to, message }) => `to ${to}: ${JSON.stringify(message)}`),
      ...effects.changes.map((change) => `learns ${JSON.stringify(change)}`),
      ...effects.refused.map(({ reason, from }) => `refuses ${reason} from ${from}`),
    ];
    return parts.join(' | ');
  });
}

function inputText(input: Input): string {
  if (input.kind === 'message') return `hears ${input.message.kind} from ${input.from}`;
  if (input.kind === 'put') return `puts ${input.key}=${input.value}`;
  if (input.kind === 'delete') return `removes ${input.key}`;
  return input.kind;
}
