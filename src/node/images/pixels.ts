/** An upright image of bytes: rows from the top, pixels from the left, channels grey or red, green, blue. */
export interface Pixels {
  width: number;
  height: number;
  channels: 1 | 3;
  data: Uint8Array;
}

/** Grey of ITU-R BT.601 in whole numbers, as Pillow and torchvision compute it; grey images become three equal channels. */
export function withChannels({ data, channels }: Pick<Pixels, 'data' | 'channels'>, wanted: 1 | 3): Uint8Array {
  if (channels === wanted) return data;
  const count = data.length / channels;
  const result = new Uint8Array(count * wanted);
  if (wanted === 3) {
    for (let i = 0; i < count; i++) result.fill(data[i]!, 3 * i, 3 * i + 3);
    return result;
  }
  for (let i = 0; i < count; i++) {
    const at = 3 * i;
    result[i] = (data[at]! * 19_595 + data[at + 1]! * 38_470 + data[at + 2]! * 7_471 + 0x8000) >> 16;
  }
  return result;
}
