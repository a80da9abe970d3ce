/** A matrix in row-major order, one row a sample: `[rows, columns]`. */
export interface FeatureMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}
