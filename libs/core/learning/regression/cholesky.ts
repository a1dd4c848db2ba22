/**
 * Splits a symmetric positive definite matrix into a lower triangle and its transpose, in place; only the lower triangle is
 * read and written. A pivot below `pivotMin` is raised to it, so that rounding never makes it fail.
 * @param matrix `size * size`, row by row
 */
export function factorise(matrix: Float64Array, size: number, pivotMin: number): void {
  for (let column = 0; column < size; column++) {
    let pivot = matrix[column * size + column]!;
    for (let at = 0; at < column; at++) pivot -= matrix[column * size + at]! ** 2;
    const root = Math.sqrt(Math.max(pivot, pivotMin));
    matrix[column * size + column] = root;
    for (let row = column + 1; row < size; row++) {
      let sum = matrix[row * size + column]!;
      for (let at = 0; at < column; at++) sum -= matrix[row * size + at]! * matrix[column * size + at]!;
      matrix[row * size + column] = sum / root;
    }
  }
}

/** Solves for `right`, in place, with what `factorise` left. */
export function solve(factor: Float64Array, size: number, right: Float64Array): void {
  for (let row = 0; row < size; row++) {
    let sum = right[row]!;
    for (let at = 0; at < row; at++) sum -= factor[row * size + at]! * right[at]!;
    right[row] = sum / factor[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = right[row]!;
    for (let at = row + 1; at < size; at++) sum -= factor[at * size + row]! * right[at]!;
    right[row] = sum / factor[row * size + row]!;
  }
}
