/** There is too little to learn from: so many samples there are, and so many it takes. */
export interface Insufficient {
  readonly kind: 'insufficient';
  readonly have: number;
  readonly need: number;
}
