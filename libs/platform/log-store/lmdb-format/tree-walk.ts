import { type Buffer } from 'node:buffer';
import { type Tree } from './meta.js';
import { type PageFile } from './page-file.js';
import { branchNodes, leafNodes, type LeafNode, pageFlags, pageHeader } from './page.js';

export type Compare = (a: Buffer, b: Buffer) => number;

/** Visits every page of a tree once, in the order of the keys, and claims it. */
export class TreeWalk {
  private branchPages = 0;
  private leafPages = 0;
  private overflowPages = 0;
  private records = 0;
  /** The last key that was seen, and the least that may follow. */
  private last: Buffer | null = null;
  private least: Buffer | null = null;

  constructor(
    private readonly file: PageFile,
    private readonly tree: Tree,
    private readonly newestTransaction: number,
    private readonly compare: Compare,
  ) {}

  /** @throws Error when the tree is not whole */
  run(onRecord: (leaf: LeafNode) => void): void {
    const { root, branchPages, leafPages, overflowPages, records } = this.tree;
    if (root !== null) this.visit(root, 1, onRecord);
    const isWhole =
      this.branchPages === branchPages &&
      this.leafPages === leafPages &&
      this.overflowPages === overflowPages &&
      this.records === records;
    if (!isWhole) throw new Error('pages or records are missing');
  }

  private visit(number: number, level: number, onRecord: (leaf: LeafNode) => void): void {
    const isLeaf = level === this.tree.depth;
    const page = this.claimed(number, isLeaf ? pageFlags.leaf : pageFlags.branch);
    if (isLeaf) {
      this.leafPages++;
      for (const leaf of leafNodes(page)) this.record(leaf, onRecord);
      return;
    }
    this.branchPages++;
    branchNodes(page).forEach(({ key, child }, n) => {
      // For the first child no key is stored: it takes whatever is below that of the second.
      if (n > 0) this.startFrom(key);
      this.visit(child, level + 1, onRecord);
    });
  }

  private claimed(number: number, flags: number): Buffer {
    this.file.claim(number);
    const page = this.file.page(number);
    const header = pageHeader(page);
    const isIt =
      header.page === number && header.flags === flags && header.transaction <= this.newestTransaction;
    if (!isIt) throw new Error(`page ${number} is not what it should be`);
    return page;
  }

  /** A search for a key goes to where the branches send it: records elsewhere would not be found. */
  private startFrom(key: Buffer): void {
    if (this.last !== null && this.compare(key, this.last) <= 0)
      throw new Error('a record on the wrong page');
    this.least = key;
  }

  private record(leaf: LeafNode, onRecord: (leaf: LeafNode) => void): void {
    const { key } = leaf;
    if (this.least !== null && this.compare(key, this.least) < 0)
      throw new Error('a record on the wrong page');
    if (this.last !== null && this.compare(key, this.last) <= 0) throw new Error('records out of order');
    this.last = key;
    this.records++;
    this.overflowPages += this.file.claimValue(leaf, pageFlags.overflow);
    onRecord(leaf);
  }
}
