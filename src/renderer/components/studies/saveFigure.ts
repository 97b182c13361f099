const pngScale = 2;

/** Saves a drawing as a file: as it is, or in pixels at twice its size. */
export async function saveFigure(svg: string, name: string, kind: 'svg' | 'png'): Promise<void> {
  const vector = new Blob([svg], { type: 'image/svg+xml' });
  download(kind === 'svg' ? vector : await asPng(vector), `${name}.${kind}`);
}

function download(content: Blob, fileName: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // the download has begun when the click returns; the browser holds the data from then on
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function asPng(vector: Blob): Promise<Blob> {
  const image = new Image();
  // an address of our own data passes the content security policy where a blob's would not
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await vector.text())}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth * pngScale;
  canvas.height = image.naturalHeight * pngScale;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this window cannot draw');
  context.scale(pngScale, pngScale);
  context.drawImage(image, 0, 0);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture came of it'))), 'image/png'),
  );
}
