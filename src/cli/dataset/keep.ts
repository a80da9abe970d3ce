/** The flag `--keep` of the commands that move faces between splits. */
export const keepArg = {
  type: "string",
  valueHint: "OLD",
  description: "leave faces in the splits that they have in OLD: an earlier manifest, or a dataset's folder, DIR itself too",
} as const;

export const keepNote =
  "With --keep no face of OLD goes from validation or the test set to training; what is linked goes where its most protected face stands.";
