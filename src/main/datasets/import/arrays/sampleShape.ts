/** How samples of an array become samples of a dataset. */
export interface SampleShape {
  /** [height, width, channels], or [features] */
  shape: number[];
  isImage: boolean;
  /** the axes come as channels, height, width, as PyTorch has them, and are turned */
  isChannelsFirst: boolean;
}

const channelCounts = [1, 3, 4];
const smallestSide = 4;

/**
 * [N, H, W], [N, H, W, C] and [N, C, H, W] are images; everything else is features. Four channels are red, green, blue and
 * transparency, and stay.
 */
export function sampleShape(row: readonly number[]): SampleShape {
  const features = (): SampleShape => ({
    shape: [row.reduce((product, n) => product * n, 1)],
    isImage: false,
    isChannelsFirst: false,
  });
  const isSide = (size: number | undefined): boolean => size !== undefined && size >= smallestSide;
  const [a, b, c] = row;
  if (row.length === 2 && isSide(a) && isSide(b)) return { shape: [a!, b!, 1], isImage: true, isChannelsFirst: false };
  if (row.length !== 3) return features();
  if (isSide(a) && isSide(b) && channelCounts.includes(c!)) {
    return { shape: [a!, b!, c!], isImage: true, isChannelsFirst: false };
  }
  if (channelCounts.includes(a!) && isSide(b) && isSide(c)) {
    return { shape: [b!, c!, a!], isImage: true, isChannelsFirst: true };
  }
  return features();
}

/** Where in a stored row (channels, height, width) each number of the turned row (height, width, channels) lies. */
export function channelsLast([height = 1, width = 1, channels = 1]: readonly number[]): Uint32Array {
  const places = new Uint32Array(height * width * channels);
  let at = 0;
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < channels; channel++) places[at++] = channel * height * width + pixel;
  }
  return places;
}
