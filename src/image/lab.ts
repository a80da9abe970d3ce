/** Linear sRGB from XYZ of D50, the white of print and of Lab in TIFF files, adapted after Bradford. */
const toLinear = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;
const white = [0.96422, 1, 0.82521] as const;
/** The bend of CIE's cube root near black. */
const knee = 6 / 29;

export interface LabSamples {
  /** How many a pixel has; those behind the third stay as they are. */
  readonly channels: 3 | 4;
  /** Whether a* and b* are signed bytes (TIFF's CIELab); else 128 stands for 0 (ICCLab). */
  readonly isSigned: boolean;
}

/** sRGB of CIE L*a*b* in 8 bits, `[pixels, channels]`: lightness 0..255 for 0..100. */
export function rgbFromLab(lab: Uint8Array, { channels, isSigned }: LabSamples): Uint8Array {
  const rgb = Uint8Array.from(lab);
  const chroma = (byte: number): number => (isSigned ? (byte << 24) >> 24 : byte - 128);
  for (let at = 0; at < lab.length; at += channels) {
    const y = (lab[at]! / 2.55 + 16) / 116;
    const x = y + chroma(lab[at + 1]!) / 500;
    const z = y - chroma(lab[at + 2]!) / 200;
    const [bigX, bigY, bigZ] = [white[0] * uncurve(x), white[1] * uncurve(y), white[2] * uncurve(z)];
    for (const [channel, [a, b, c]] of toLinear.entries()) rgb[at + channel] = encodeGamma(a * bigX + b * bigY + c * bigZ);
  }
  return rgb;
}

function uncurve(value: number): number {
  return value > knee ? value ** 3 : 3 * knee * knee * (value - 4 / 29);
}

/** 0..1 to 0..255 with sRGB's curve (IEC 61966-2-1); what is outside its colours is cut off. */
function encodeGamma(linear: number): number {
  const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, encoded)));
}
