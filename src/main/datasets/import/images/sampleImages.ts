import type { FoundImages } from '../../../../core/contract/datasetImport.ts';
import { encodePng } from '../../../../node/images/encodePng.ts';
import type { SampleImage } from '../../../../node/images/decodeImage.ts';
import { placeText } from '../importErrors.ts';
import { spreadRows } from './imagePlan.ts';
import type { ImageSet } from './imageSet.ts';

const shownClasses = 24;
const shownPerClass = 4;
/** More images of a class are tried, in case some cannot be read. */
const triedPerClass = 6;
const mostSide = 96;

function rowsOfClasses(labels: Int32Array, classes: number): number[][] {
  const rows: number[][] = Array.from({ length: Math.min(classes, shownClasses) }, () => []);
  labels.forEach((label, row) => rows[label]?.push(row));
  return rows;
}

/** A few images of each class as they will be stored, smaller where that is too large to show. */
export async function sampleImages(set: ImageSet, sample: SampleImage): Promise<FoundImages['samples']> {
  const ofClasses = rowsOfClasses(set.labels, set.classes.length);
  // in the order of the rows, as those of one file lie together
  const tried = ofClasses
    .flatMap((rows) => spreadRows(rows.length, triedPerClass).map((at) => rows[at]!))
    .toSorted((a, b) => a - b);
  const samples: FoundImages['samples'][] = ofClasses.map(() => []);
  for (const row of tried) {
    const label = set.labels[row]!;
    const ofClass = samples[label]!;
    if (ofClass.length === shownPerClass) continue;
    let pixels: Uint8Array;
    try {
      pixels = await set.decode(row, sample);
    } catch {
      // those that cannot be read are spoken of elsewhere
      continue;
    }
    const png = await encodePng({ ...sample, data: pixels }, mostSide);
    ofClass.push({
      className: set.classes[label]!,
      file: placeText(set.placeOf(row)),
      dataUrl: `data:image/png;base64,${png.toString('base64')}`,
    });
  }
  return samples.flat();
}
