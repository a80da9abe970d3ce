/**
 * Films of a high dynamic range as pictures of an ordinary one: what is at most as bright as paper in good light keeps its brightness, and
 * what is brighter is pressed together above it.
 */

/** How brightness is coded: SMPTE ST 2084, or ARIB STD-B67. */
export type HdrTransfer = "pq" | "hlg";

/** Brightness of white paper, in cd/m² (ITU-R BT.2408). */
const paper = 203;
/** Of the display that HLG is meant for, and what it does to the light of the scene (ITU-R BT.2100). */
const hlgDisplay = { peak: 1000, gamma: 1.2 } as const;
/** Up to this share of paper, light is kept as it is. */
const knee = 0.7;

/** Light by code, as a share of paper: of PQ what the display shows, of HLG the scene's, 0..1. */
function decodePq(code: number): number {
  const [m1, m2, c1, c2, c3] = [0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875];
  const power = code ** (1 / m2);
  return (10_000 / paper) * (Math.max(0, power - c1) / (c2 - c3 * power)) ** (1 / m1);
}

function decodeHlg(code: number): number {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  return code <= 0.5 ? code ** 2 / 3 : (Math.exp((code - c) / a) + b) / 12;
}

/** Light, 0..1, as sRGB codes it, 0..255. */
function encodeSrgb(light: number): number {
  return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
}

/** Steps of the tables: finer than ten bits, and than what 8 bits of a dark picture tell apart. */
const [codeSteps, lightSteps] = [1023, 4095];

/** From red, green and blue as a film of BT.2020 codes them (0..1) to those of sRGB (0..255), in place. */
export function createToneMap(transfer: HdrTransfer): (colour: Float64Array) => void {
  const decode = transfer === "pq" ? decodePq : decodeHlg;
  const lights = Float64Array.from({ length: codeSteps + 1 }, (_, step) => decode(step / codeSteps));
  // By the square root of light: the dark needs more of the steps.
  const codes = Float64Array.from({ length: lightSteps + 1 }, (_, step) => encodeSrgb((step / lightSteps) ** 2));
  const lightOf = (code: number): number => lights[Math.round(Math.min(1, Math.max(0, code)) * codeSteps)]!;
  const codeOf = (light: number): number => codes[Math.round(Math.sqrt(Math.min(1, Math.max(0, light))) * lightSteps)]!;
  return (colour) => {
    const [r, g, b] = [lightOf(colour[0]!), lightOf(colour[1]!), lightOf(colour[2]!)];
    const scale = transfer === "pq" ? 1 : displayOf(0.2627 * r + 0.678 * g + 0.0593 * b);
    // ITU-R BT.2087: the primaries of BT.2020 in those of BT.709.
    const red = scale * (1.6605 * r - 0.5876 * g - 0.0728 * b);
    const green = scale * (-0.1246 * r + 1.1329 * g - 0.0083 * b);
    const blue = scale * (-0.0182 * r - 0.1006 * g + 1.1187 * b);
    const brightest = Math.max(red, green, blue);
    const press = brightest <= knee ? 1 : pressed(brightest) / brightest;
    colour[0] = codeOf(red * press);
    colour[1] = codeOf(green * press);
    colour[2] = codeOf(blue * press);
  };
}

/** What a display makes of the light of a scene, as a share of paper. */
function displayOf(brightness: number): number {
  return brightness <= 0 ? 0 : (hlgDisplay.peak / paper) * brightness ** (hlgDisplay.gamma - 1);
}

function pressed(light: number): number {
  const over = (light - knee) / (1 - knee);
  return knee + (1 - knee) * (over / (1 + over));
}
