import { ScatterChart } from 'echarts/charts';
import { use as register } from 'echarts/core';
import { init } from './echarts-plain.ts';

register([ScatterChart]);
export { init };
