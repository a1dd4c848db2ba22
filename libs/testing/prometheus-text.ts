import { assert } from '@nexus/core/invariant';

/** One line of a page in Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const linePattern = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const labelPattern = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;

/** Reads a page strictly: a line that Prometheus would refuse is an error. */
export function parsePrometheusText(text: string): Sample[] {
  const typed = new Set<string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [, type] = /^# TYPE (\S+)/.exec(line) ?? [];
    if (type !== undefined) {
      assert(!typed.has(type), `${type} is declared once`);
      typed.add(type);
    }
    if (line !== '' && !line.startsWith('#')) samples.push(sampleOf(line));
  }
  const series = samples.map(({ name, labels }) => JSON.stringify([name, labels]));
  assert(new Set(series).size === series.length, 'every series stands once');
  return samples;
}

function sampleOf(line: string): Sample {
  const [, name, marks = '', number] = linePattern.exec(line) ?? [];
  assert(name !== undefined && number !== undefined, `a sample: ${line}`);
  const labels = [...marks.matchAll(labelPattern)];
  assert(labels.map(([text]) => text).join('') === marks, `labels: ${line}`);
  const value = number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number);
  assert(!Number.isNaN(value), `a number: ${line}`);
  const entries = labels.map(([, key = '', text = '']) => [key, text] as const);
  return { name, labels: Object.fromEntries(entries), value };
}
