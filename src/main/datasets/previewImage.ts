/**
 * The shape in which samples are shown that may have so many numbers each: their own, or that of smaller pictures
 * [height, width, channels] of the same proportions.
 */
export function previewShape(shape: readonly number[], mostNumbers: number): number[] {
  const [height = 1, width = 1, channels = 1] = shape;
  const numbers = shape.reduce((product, size) => product * size, 1);
  if (shape.length !== 3 || height < 2 || width < 2 || numbers <= mostNumbers) return [...shape];
  const factor = Math.sqrt(mostNumbers / numbers);
  return [Math.max(1, Math.floor(height * factor)), Math.max(1, Math.floor(width * factor)), channels];
}

/** A picture whose pixels are the means of those of a larger one that they cover. */
export function shrinkImage(values: ArrayLike<number>, from: readonly number[], to: readonly number[]): number[] {
  const [height = 1, width = 1, channels = 1] = from;
  const [rows = 1, columns = 1] = to;
  if (rows === height && columns === width) return Array.from(values);
  const small: number[] = [];
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [Math.floor((row * height) / rows), Math.floor(((row + 1) * height) / rows)];
    for (let column = 0; column < columns; column++) {
      const [left, right] = [Math.floor((column * width) / columns), Math.floor(((column + 1) * width) / columns)];
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) sum += values[(y * width + x) * channels + channel]!;
        }
        small.push(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return small;
}
