import { use as register } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { init } from './echarts-plain.ts';

register([SVGRenderer]);
export { init };
