/** A dataset through networks: evaluation, faces found, what a network has seen. */
export { chooseDescribers, describeMissed, describeRecords, missedPictures, observeFaces } from "./look/index.ts";
export { datasetTemplates } from "./dataset-templates.ts";
export { createCropPredictor, type PicturePrediction } from "./predict.ts";
export { readObservations } from "./detected-faces.ts";
export { toolVersions } from "./versions.ts";
export { type OpenedModels, openModels } from "./platform.ts";
export { calibrateSource, type CalibrationSettings } from "./calibrate.ts";
export { planCalibratedModel, writeCalibratedModel } from "./calibrated-model.ts";
export { calibrationAsJson, describeCalibration } from "./describe-calibration.ts";
export { evaluateSource, type EvaluationOutcome, type EvaluationSettings, predictSource, toPrediction } from "./evaluate.ts";
export { type FaceablePicture, findFaces, type FindFacesOptions, nameFinder } from "./find-faces.ts";
export { checkReportTargets, writeReport } from "./write-report.ts";
