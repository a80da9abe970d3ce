/** Answers and requests as they are, for the API's page and for whoever writes a client. */

import type { FrameAnalysis, VideoTracks } from "../video/index.ts";

/** What examples/astronaut.png is answered with, its numbers rounded. */
const analysis = {
  schema: "tensorface.analysis/1",
  source: "astronaut.png",
  width: 512,
  height: 512,
  faces: [
    {
      box: {
        x: 178.8,
        y: 66.9,
        width: 94.6,
        height: 110.2,
      },
      score: 0.881,
      landmarks: {
        leftEye: {
          x: 203.7,
          y: 101.3,
        },
        rightEye: {
          x: 247.8,
          y: 103.5,
        },
        nose: {
          x: 223.5,
          y: 131.1,
        },
        leftMouth: {
          x: 201.6,
          y: 139.9,
        },
        rightMouth: {
          x: 246.2,
          y: 141.7,
        },
      },
      age: {
        years: 33.1,
        interval: {
          low: 25,
          high: 42,
          level: 0.8,
        },
        group: "25-32",
        probabilities: {
          "0-2": 0.0,
          "4-6": 0.0,
          "8-12": 0.002,
          "15-20": 0.057,
          "25-32": 0.586,
          "38-43": 0.295,
          "48-53": 0.054,
          "60+": 0.005,
        },
      },
      gender: {
        label: "female",
        confidence: 0.95,
        probabilities: {
          female: 0.95,
          male: 0.05,
        },
      },
      mood: {
        label: "happy",
        confidence: 0.963,
        probabilities: {
          angry: 0.004,
          disgust: 0.008,
          fear: 0.004,
          happy: 0.963,
          sad: 0.007,
          surprise: 0.008,
          neutral: 0.006,
        },
      },
    },
  ],
  timings: {
    decodeMs: 9.0,
    detectMs: 161.8,
    classifyMs: 91.7,
  },
} as const;

const failure = {
  code: "TF_IMAGE_CORRUPT",
  message: "holiday.jpg could not be decoded as JPEG: premature end of JPEG image",
  hint: "The picture is damaged or cut off; open and save it again.",
} as const;

const failed = { schema: "tensorface.analysis/1", source: "holiday.jpg", error: failure } as const;

/** A red square of 16 pixels: a picture without a face, short enough to be read. */
const redSquare =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mM4YKBAEmIY1TCqYfhqAAA7fxAQn8RHHwAAAABJRU5ErkJggg==";

const refusals: Readonly<Record<string, object>> = {
  400: { code: "TF_REQUEST_INVALID", message: "the form holds no file", hint: "Compare the request with the API's page at /docs." },
  401: {
    code: "TF_UNAUTHORIZED",
    message: "the bearer token is missing or wrong",
    hint: "Send the header `Authorization: Bearer TOKEN` with the server's token.",
  },
  403: {
    code: "TF_SITE_REFUSED",
    message: "another site's page may not ask here",
    hint: "Ask for 127.0.0.1 or localhost; let another page in with --cors, and another name by setting a token.",
  },
  408: {
    code: "TF_REQUEST_INVALID",
    message: "the request did not arrive in time",
    hint: "Compare the request with the API's page at /docs.",
  },
  413: {
    code: "TF_REQUEST_TOO_LARGE",
    message: "the body exceeds the server's limit",
    hint: "Send fewer or smaller pictures in one request.",
  },
  415: {
    code: "TF_IMAGE_FORMAT_UNSUPPORTED",
    message: 'picture is not a picture that can be read: it begins with "This is a le"',
    hint: "Use JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC.",
  },
  422: failure,
  429: {
    code: "TF_RATE_LIMITED",
    message: "more than 600 requests in a minute",
    hint: "Wait as long as the header Retry-After says.",
  },
  431: { code: "TF_REQUEST_INVALID", message: "the headers are too long", hint: "Compare the request with the API's page at /docs." },
  500: { code: "TF_RUNTIME_FAILED", message: "something failed inside the server", hint: "The server's log has the cause." },
  503: {
    code: "TF_OVERLOADED",
    message: "264 pictures are waiting already",
    hint: "The queue is full; try again after the seconds in the header Retry-After.",
  },
};

const [{ box, age, gender, mood }] = analysis.faces;

const frame = {
  schema: "tensorface.frame/1",
  source: "film",
  frame: 5,
  time: 0.2,
  duration: 0.04,
  faces: [{ track: 1, box, isSeen: true, age, gender, mood }],
} as const satisfies FrameAnalysis;

const people = {
  schema: "tensorface.tracks/1",
  source: "film",
  width: 1280,
  height: 720,
  duration: 1,
  frames: 25,
  every: 5,
  tracks: [
    {
      id: 1,
      from: 0.2,
      to: 0.8,
      looks: 4,
      age: { years: age.years, interval: age.interval },
      gender,
      answeredLooks: 4,
      independentLooks: 1.3,
      moods: [{ time: 0, label: mood.label, probabilities: mood.probabilities }],
      ages: [{ time: 0, years: age.years, low: age.interval.low, high: age.interval.high }],
    },
  ],
} as const satisfies VideoTracks;

const tooLong = {
  code: "TF_INPUT_TOO_LARGE",
  message: "film is 721.3 seconds long, the limit is 600",
  hint: "Cut the film into shorter ones, or raise the limit.",
} as const;
const noFilm = {
  code: "TF_VIDEO_UNSUPPORTED",
  message: "film is no film that can be read",
  hint: "Convert the film to MP4 with H.264, for example with ffmpeg.",
} as const;
const damagedFilm = {
  code: "TF_VIDEO_CORRUPT",
  message: "film ends after 4.1 of 9.0 seconds: it was cut off",
  hint: "The film is damaged or cut off; copy it again.",
} as const;
const busy = {
  code: "TF_OVERLOADED",
  message: "a film is in work already",
  hint: "The queue is full; try again after the seconds in the header Retry-After.",
} as const;

interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Examples by operation, then by `request` or a status, then by media type. */
const examples: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Example>>>>>>>> = {
  analyzePictures: {
    request: { "application/json": requests() },
    200: {
      "application/json": {
        one: { summary: "One picture", value: analysis },
        several: { summary: "Several pictures, the second damaged", value: { results: [analysis, failed] } },
        none: { summary: "No face", value: { ...analysis, source: "wall.jpg", faces: [] } },
      },
      "application/x-ndjson": { lines: { summary: "One line of several", value: analysis } },
    },
  },
  followVideo: {
    200: {
      "application/x-ndjson": {
        frame: { summary: "The line of a frame", value: frame },
        people: { summary: "The last line", value: people },
      },
    },
    413: { "application/json": { long: { summary: "Refused", value: { error: tooLong } } } },
    415: { "application/json": { other: { summary: "Refused", value: { error: noFilm } } } },
    422: { "application/json": { damaged: { summary: "Refused", value: { error: damagedFilm } } } },
    503: { "application/json": { busy: { summary: "Refused", value: { error: busy } } } },
  },
  annotatePicture: { request: { "application/json": { one: requests().one } } },
  readMetrics: {
    200: {
      "text/plain": {
        some: {
          summary: "Some of its lines",
          value: '# TYPE tensorface_pictures_total counter\ntensorface_pictures_total{outcome="ok"} 1234\ntensorface_queue_pictures 0\n',
        },
      },
    },
  },
  isAlive: { 200: { "application/json": { alive: { summary: "It is", value: { status: "ok" } } } } },
  isReady: {
    200: { "application/json": { ready: { summary: "They are", value: { status: "ready" } } } },
    503: { "application/json": { busy: { summary: "Not now", value: { status: "busy" } } } },
  },
};

function requests() {
  return {
    one: { summary: "One picture", value: { image: redSquare, source: "square.png" } },
    several: { summary: "Several pictures", value: { images: [{ image: redSquare }, { image: redSquare, source: "again.png" }] } },
  } as const satisfies Readonly<Record<string, Example>>;
}

/** The examples of a body: of what is answered where nothing else is said, the refusal that the status stands for. */
export function examplesOf(operation: string, what: string, mediaType: string): Readonly<Record<string, Example>> | undefined {
  const own = examples[operation]?.[what]?.[mediaType];
  const refusal = refusals[what];
  if (own !== undefined || refusal === undefined || mediaType !== "application/json") return own;
  return { refusal: { summary: "Refused", value: { error: refusal } } };
}
