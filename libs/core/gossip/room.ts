/** What a message may still hold. */
export class Room {
  constructor(private free: number) {}

  /** @returns false: it does not fit, and nothing was taken */
  take(bytes: number): boolean {
    if (bytes > this.free) return false;
    this.free -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.free += bytes;
  }

  get left(): number {
    return this.free;
  }
}
