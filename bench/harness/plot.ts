import type { Plot } from './report.ts';
import { told } from './statistics.ts';

const ROW = 22;
const NAMES = 400;
const BARS = 420;
const FIGURES = 110;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Horizontal bars as an SVG, with a line from quartile to quartile. */
export function asSvg(title: string, { unit, bars }: Plot): string {
  const longest = Math.max(...bars.map(({ value, high = value }) => Math.max(value, high)));
  const scale = (value: number) => (longest > 0 ? (value / longest) * BARS : 0).toFixed(1);
  const height = 40 + bars.length * ROW;
  const drawn = bars.map(({ name, value, low, high }, index) => {
    const top = 34 + index * ROW;
    const middle = top + ROW / 2 - 2;
    const ours = /ringward/i.test(name);
    return [
      `<text x="${NAMES - 8}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${NAMES}" y="${top}" width="${scale(value)}" height="${ROW - 6}" fill="${ours ? '#2563a8' : '#9bb0c4'}"/>`,
      low !== undefined && high !== undefined
        ? `<line x1="${NAMES + Number(scale(low))}" x2="${NAMES + Number(scale(high))}" y1="${middle}" y2="${middle}" stroke="#222" stroke-width="1.5"/>`
        : '',
      `<text x="${NAMES + Number(scale(Math.max(value, high ?? value))) + 6}" y="${middle + 4}">${told(value)}</text>`,
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${NAMES + BARS + FIGURES}" height="${height}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="8" y="20" font-weight="bold">${escaped(title)} (${escaped(unit)})</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}
