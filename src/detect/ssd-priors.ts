/**
 * The prior boxes of the SSD MobileNet V1 face detector: those of Liu et al. (SSD, ECCV 2016) as the TensorFlow Object Detection
 * API lays them out, six feature maps with scales from 0.2 to 0.95 of the 512 pixels that it was trained with. `[count, 4]`:
 * centre x, centre y, width, height in pixels of the network's input; row-major cells, the cell's priors together.
 */
export function ssdPriors(inputWidth: number, inputHeight: number): Float32Array {
  const values: number[] = [];
  for (const [level, stride] of strides.entries()) {
    const columns = Math.ceil(inputWidth / stride);
    const rows = Math.ceil(inputHeight / stride);
    const shapes = priorShapes(level);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (const { width, height } of shapes) {
          values.push((column + 0.5) * stride, (row + 0.5) * stride, width * trainedSize, height * trainedSize);
        }
      }
    }
  }
  return Float32Array.from(values);
}

/** Side of the pictures that it was trained with, in pixels. */
const trainedSize = 512;
const strides = [16, 32, 64, 128, 256, 512] as const;
/** Scale of each feature map's priors, as a fraction of the input; 1 closes the last interval. */
const scales = [0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1] as const;

function priorShapes(level: number): { readonly width: number; readonly height: number }[] {
  const scale = scales[level]!;
  // The finest map has three priors, one of them small; the others add a square between their scale and the next.
  if (level === 0) return [shape(0.1, 1), shape(scale, 2), shape(scale, 1 / 2)];
  const between = Math.sqrt(scale * scales[level + 1]!);
  return [shape(scale, 1), shape(between, 1), shape(scale, 2), shape(scale, 1 / 2), shape(scale, 3), shape(scale, 1 / 3)];
}

function shape(scale: number, aspect: number): { readonly width: number; readonly height: number } {
  const root = Math.sqrt(aspect);
  return { width: scale * root, height: scale / root };
}
