export type ImageFormat = 'PNG' | 'JPEG' | 'WebP' | 'BMP' | 'GIF' | 'TIFF';

/** Bytes that tell what an image is. */
export const imageHeadBytes = 16;

/** Recognises an image by its first bytes; null for everything else. */
export function imageFormatOf(head: Uint8Array): ImageFormat | null {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, imageHeadBytes)).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (text.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'WebP';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'GIF';
  if (text.startsWith('II*\0') || text.startsWith('MM\0*') || text.startsWith('II+\0') || text.startsWith('MM\0+')) {
    return 'TIFF';
  }
  // "BM" begins many texts; the four bytes after the size are zero in an image
  if (text.startsWith('BM') && text.length >= 14 && text.slice(6, 10) === '\0\0\0\0') return 'BMP';
  return null;
}
