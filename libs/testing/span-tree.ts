import { type ReceivedSpan } from './received-span.js';

/**
 * A trace as an indented tree, siblings in order of their start, for assertions and for people:
 *
 *     nexus-cli: nexus.coordinate send [client]
 *       nexus-coordinator: nexus.coordinate process [consumer]
 *
 * A span whose parent was not received stands at the left, marked with `?` unless it is a root.
 */
export function renderSpanTree(spans: readonly ReceivedSpan[]): string {
  const received = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string | undefined, ReceivedSpan[]>();
  for (const span of [...spans].sort((a, b) => Number(a.startedAtNs - b.startedAtNs))) {
    const parent =
      span.parentSpanId !== undefined && received.has(span.parentSpanId) ? span.parentSpanId : undefined;
    const siblings = children.get(parent);
    if (siblings) siblings.push(span);
    else children.set(parent, [span]);
  }
  const lines: string[] = [];
  const stack = (children.get(undefined) ?? []).map((span) => ({ span, depth: 0 })).reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { span, depth } = next;
    lines.push(`${'  '.repeat(depth)}${line(span, depth)}`);
    const below = children.get(span.spanId) ?? [];
    for (const child of [...below].reverse()) stack.push({ span: child, depth: depth + 1 });
  }
  return lines.join('\n');
}

function line({ service, name, kind, status, parentSpanId }: ReceivedSpan, depth: number): string {
  const orphan = depth === 0 && parentSpanId !== undefined ? '? ' : '';
  return `${orphan}${service}: ${name} [${kind}]${status === 'error' ? ' !' : ''}`;
}
