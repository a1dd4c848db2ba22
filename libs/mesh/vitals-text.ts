import { type Vitals, vitalsSchema } from '@nexus/contracts';

const charsMax = 64;

/** Vitals as they travel with each heartbeat: four numbers, the last of which may be absent. */
export const vitalsText = ({ cpu, memory, loopLagMs, rttMs }: Vitals): string =>
  [
    short(cpu, 2),
    short(memory, 2),
    short(loopLagMs, 0),
    ...(rttMs === undefined ? [] : [short(rttMs, 2)]),
  ].join(' ');

/** Undefined for what says nothing, or nothing that can be. */
export function readVitals(text: string): Vitals | undefined {
  if (text === '' || text.length > charsMax) return undefined;
  const [cpu, memory, loopLagMs, rttMs] = text.split(' ').map(Number);
  const vitals = vitalsSchema.safeParse({ cpu, memory, loopLagMs, ...(rttMs !== undefined && { rttMs }) });
  return vitals.success ? vitals.data : undefined;
}

const short = (value: number, digits: number) => String(Number(value.toFixed(digits)));
