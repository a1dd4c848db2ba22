/** Within so many rounds an update is to have reached everybody: ⌈log2 N⌉ + 3, and twice that where messages are lost. */
export function roundsGoal(nodes: number, loss: number): number {
  const calm = Math.ceil(Math.log2(Math.max(2, nodes))) + 3;
  return loss > 0 ? 2 * calm : calm;
}

/** Within so many rounds a death is to be noticed by everybody. */
export const deathRoundsGoal = 20;
