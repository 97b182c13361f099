/** Why an image cannot be used, as the end of a sentence that begins with its name. */
export class ImageProblem extends Error {
  constructor(why: string, cause?: unknown) {
    super(why, cause === undefined ? undefined : { cause });
    this.name = 'ImageProblem';
  }
}
