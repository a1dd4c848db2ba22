import { renderTable } from '@nexus/platform/terminal';
import { type MemoryReport, type RoleGrowth } from '../memory/growth.js';
import { type Slope } from '../memory/slope.js';
import { growthMax, lifeGrows, roleGrows } from '../verdict/growing.js';

/** How the memory of each role went, for people. */
export function memoryText({ lives, roles }: MemoryReport): string {
  if (lives.length === 0) return 'memory: no process lasted long enough to tell whether it grows';
  const head = [
    ...['memory after GC', 'processes', 'RSS, median', 'RSS grows a minute', 'held grows a minute'],
    'surely above the bound',
  ];
  const rows = roles.map((role) =>
    row(role, lives.filter((each) => each.role === role.role && lifeGrows(each)).length),
  );
  const { life, role } = growthMax;
  return [
    renderTable({ head, rows, right: [1, 2, 3, 4, 5] }),
    'a minute: all processes of a role taken together, and where that lies with 95 % confidence; held: heap and buffers',
    `the bounds are ${role.held} MB a minute held and ${role.resident} MB of RSS for a role, ` +
      `${life.held} MB and ${life.resident} MB for one process`,
  ].join('\n');
}

function row(growth: RoleGrowth, grownLives: number): (string | number)[] {
  const { role, lives, medianMegabytes, resident, held } = growth;
  const above = roleGrows(growth) ? `the role, ${grownLives} processes` : grownLives;
  return [role, lives, `${medianMegabytes.toFixed(0)} MB`, slopeText(resident), slopeText(held), above];
}

const slopeText = (slope: Slope | null): string =>
  slope === null
    ? 'lived too short'
    : `${slope.perMinute.toFixed(2)} MB (${slope.low.toFixed(2)} to ${slope.high.toFixed(2)})`;
