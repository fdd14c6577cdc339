// Small pictures of our own, because not every machine has a font with emoji.

const SVG = 'http://www.w3.org/2000/svg';

const TICK = ['path', { d: 'M4 8.5l3 3 5-6', fill: 'none', stroke: 'currentColor', 'stroke-width': 2 }];
const circle = (fill) => [['circle', { cx: 8, cy: 8, r: 6.5, fill }]];
const box = (fill, stroke) => ['rect', { x: 1.5, y: 1.5, width: 13, height: 13, rx: 2.5, fill, stroke }];

const ICONS = {
  red_circle: circle('#e01e5a'),
  large_orange_circle: circle('#e8912d'),
  large_yellow_circle: circle('#ecb22e'),
  large_green_circle: circle('#2bac76'),
  large_blue_circle: circle('#1d9bd1'),
  white_check_mark: [box('#2bac76', '#2bac76'), ['path', { ...TICK[1], stroke: '#fff' }]],
  ballot_box_with_check: [box('#fff', '#1d9bd1'), ['path', { ...TICK[1], stroke: '#1d9bd1' }]],
  hourglass_flowing_sand: [
    [
      'path',
      {
        d: 'M4 1.5h8M4 14.5h8M5 2c0 4 6 4 6 6s-6 2-6 6M11 2c0 4-6 4-6 6s6 2 6 6',
        fill: 'none',
        stroke: '#8d6b1f',
        'stroke-width': 1.4,
      },
    ],
  ],
  warning: [
    ['path', { d: 'M8 1.5l7 13H1z', fill: '#f2c744' }],
    ['path', { d: 'M8 6v4M8 11.5v1.5', stroke: '#1d1c1d', 'stroke-width': 1.6 }],
  ],
  black_square_for_stop: [box('#616061', '#616061'), ['rect', { x: 5, y: 5, width: 6, height: 6, fill: '#fff' }]],
  app: [['path', { d: 'M1 8.5h3l2-5 3.5 9 2-4H15', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.7 }]],
  lock: [
    ['rect', { x: 3, y: 7, width: 10, height: 7, rx: 1.5, fill: 'currentColor' }],
    ['path', { d: 'M5 7V5a3 3 0 016 0v2', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 }],
  ],
  file: [
    ['path', { d: 'M3 1.5h7l3 3v10H3z', fill: '#fff', stroke: '#616061' }],
    ['path', { d: 'M5.5 7h5M5.5 9.5h5M5.5 12h3', stroke: '#616061' }],
  ],
  reply: [['path', { d: 'M2 2.5h12v8H8l-3.5 3v-3H2z', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.4 }]],
};

/** Undefined when there is no such picture. */
export function icon(name) {
  const shapes = ICONS[name];
  if (shapes === undefined) return undefined;
  const svg = shape('svg', {
    viewBox: '0 0 16 16',
    class: 'icon',
    role: 'img',
    'aria-label': name.replaceAll('_', ' '),
  });
  svg.append(...shapes.map(([tag, attributes]) => shape(tag, attributes)));
  return svg;
}

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(name, value);
  }
  return node;
}
