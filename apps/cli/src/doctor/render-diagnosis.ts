import { type Colours, printable } from '@nexus/platform/terminal';
import { type Diagnosis, type Verdict } from './finding.js';

/** A line a check, and below it what to do. */
export function renderDiagnosis({ name, verdict, message, remedy }: Diagnosis, paint: Colours): string {
  const marks: Readonly<Record<Verdict, string>> = {
    ok: paint.green('ok  '),
    warn: paint.yellow('warn'),
    fail: paint.red('fail'),
  };
  const line = `${marks[verdict]}  ${name.padEnd(13)} ${printable(message)}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(20)}${paint.dim(`→ ${printable(remedy)}`)}`;
}

/** The last line: how many of what. */
export function renderVerdict(diagnoses: readonly Diagnosis[]): string {
  const count = (verdict: Verdict) => diagnoses.filter((one) => one.verdict === verdict).length;
  return `${count('ok')} ok, ${count('warn')} warnings, ${count('fail')} failures`;
}
