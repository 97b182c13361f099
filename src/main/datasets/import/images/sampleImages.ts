import type { FoundImages } from '../../../../core/contract/datasetImport.ts';
import { encodePng } from '../../../../node/images/encodePng.ts';
import type { SampleImage } from '../../../../node/images/decodeImage.ts';
import { placeText } from '../importErrors.ts';
import { spreadRows } from './imagePlan.ts';
import type { ImageSet } from './imageSet.ts';

const shownClasses = 24;
const shownPerClass = 4;
/** More images of a class are tried, in case some cannot be read. */
const triedPerClass = 8;
const mostSide = 96;

function rowsOfClasses(labels: Int32Array, classes: number): number[][] {
  const rows: number[][] = Array.from({ length: Math.min(classes, shownClasses) }, () => []);
  labels.forEach((label, row) => rows[label]?.push(row));
  return rows;
}

/** A few images of each class as they will be stored, smaller where that is too large to show. */
export async function sampleImages(set: ImageSet, sample: SampleImage): Promise<FoundImages['samples']> {
  const samples: FoundImages['samples'] = [];
  for (const [label, rows] of rowsOfClasses(set.labels, set.classes.length).entries()) {
    let shown = 0;
    for (const at of spreadRows(rows.length, triedPerClass)) {
      if (shown === shownPerClass) break;
      const row = rows[at]!;
      let pixels: Uint8Array;
      try {
        pixels = await set.decode(row, sample);
      } catch {
        // those that cannot be read are spoken of elsewhere
        continue;
      }
      const png = await encodePng({ ...sample, data: pixels }, mostSide);
      samples.push({
        className: set.classes[label]!,
        file: placeText(set.placeOf(row)),
        dataUrl: `data:image/png;base64,${png.toString('base64')}`,
      });
      shown++;
    }
  }
  return samples;
}
